print("streamhouse-sim")
