"""Asks the simulator's bucket and moto's S3 the same random operations and compares every answer.

moto (https://docs.getmoto.org) imitates S3 independently of this project. It runs as a server on the loopback
interface and is spoken to in plain HTTP; the simulator's side is `streamhouse-sim object-store`, in JSON Lines.
scripts/s3-differential prepares and starts this.
"""

import argparse
import hashlib
import http.client
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import xml.etree.ElementTree as ElementTree

# Bytes of the smallest part: both sides are told, so that uploads in parts stay small.
MINIMUM_PART = 4096
BUCKET = "differential"
# moto does not verify signatures, but takes a request without one for somebody else's.
SIGNED = {"Authorization": "AWS4-HMAC-SHA256 Credential=nobody/20250101/us-east-1/s3/aws4_request, "
                           "SignedHeaders=host, Signature=0"}

# Where moto answers other than S3 does. What would leave the two with different objects is not asked at all; the
# rest is asked, and a difference is accepted only when `explains` says so. Each is counted.
NOT_ASKED = [
    ("parts out of order in a completion", "moto accepts them; S3 answers InvalidPartOrder"),
    ("copies of objects made of parts", "moto keeps the tag with -N; the copy is one piece and S3 hashes it anew"),
    ("start-after inside of a folder that the delimiter cuts",
     "moto hides the folder, although keys of it follow"),
    ("pages of parts whose numbers have gaps", "moto takes a part's number for a count of parts"),
    ("keys over 1,024 bytes and metadata over 2,048", "moto does not limit them"),
]


def part_number_below_one(operation, ours, theirs):
    return (operation["op"] == "part" and operation["number"] < 1
            and (ours["status"], ours["code"]) == (400, "InvalidArgument") and theirs["status"] in (404, 500))


def request_for_upload_that_is_over(operation, ours, theirs):
    return (operation["op"] in ("part", "complete", "parts") and operation["handle"].get("over")
            and (ours["status"], ours["code"]) == (404, "NoSuchUpload") and theirs["status"] == 500)


def repeated_completion(operation, ours, theirs):
    return (operation["op"] == "complete" and operation["handle"].get("over")
            and (ours["status"], ours["code"]) == (404, "NoSuchUpload") and theirs["status"] == 200)


def suffix_of_nothing(operation, ours, theirs):
    return (operation["op"] == "get" and operation.get("suffix", 0) > 0
            and ours["status"] == 416 and theirs.get("length") == 0)


def backwards_beyond_the_end(operation, ours, theirs):
    return (operation["op"] == "get" and operation.get("last", operation.get("first", 0)) < operation.get("first", 0)
            and ours["status"] == 200 and operation["first"] >= ours["size"] and theirs["status"] == 416)


DEVIATIONS = [
    ("a range that ends before it begins, and begins beyond the end",
     "moto answers 416; such a range is not valid, and RFC 9110 has servers take no notice of it",
     backwards_beyond_the_end),
    ("a part number below 1", "moto fails in saying that there is no such upload; S3 answers InvalidArgument",
     part_number_below_one),
    ("a request for an upload that is over", "moto fails with 500; S3 answers NoSuchUpload",
     request_for_upload_that_is_over),
    ("a completion that is repeated",
     "moto answers with success while the object is there; S3 may, or may answer NoSuchUpload: the harder is modelled",
     repeated_completion),
    ("a suffix of an empty object", "moto answers with no bytes and 200; there is no such range, S3 answers 416",
     suffix_of_nothing),
]


def body(operation):
    """The bytes that a body stands for; see BucketDialogue."""
    shape = operation.get("body", {"seed": 0, "length": 0})
    block = bytes((31 * shape["seed"] + 7 * index) % 251 for index in range(251))
    return (block * (shape["length"] // 251 + 1))[: shape["length"]]


class Simulator:
    """The bucket of the simulator."""

    def __init__(self, binary, minimum_part):
        self.process = subprocess.Popen(
            [binary, "object-store", "--minimum-part-bytes", str(minimum_part)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")

    def ask(self, operation):
        self.process.stdin.write(json.dumps(operation) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("the simulator ended at: " + json.dumps(operation))
        return json.loads(line)

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=30)


class Moto:
    """moto's S3, and the way from an operation to HTTP and back."""

    def __init__(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.log = tempfile.TemporaryFile()
        environment = dict(os.environ, S3_UPLOAD_PART_MIN_SIZE=str(MINIMUM_PART))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)],
            stdout=self.log, stderr=self.log, env=environment)
        self.connection = None
        self.await_server()
        status, _, _ = self.send("PUT", "/" + BUCKET)
        if status != 200:
            raise SystemExit(f"moto made no bucket: {status}")

    def await_server(self):
        deadline = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    self.log.seek(0)
                    raise SystemExit("moto did not start:\n" + self.log.read().decode(errors="replace"))
                time.sleep(0.1)

    def close(self):
        self.process.terminate()
        self.process.wait(timeout=30)

    def send(self, method, path, headers=None, content=b""):
        for attempt in (1, 2):
            try:
                if self.connection is None:
                    self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
                self.connection.request(method, path, body=content, headers=dict(headers or {}, **SIGNED))
                answer = self.connection.getresponse()
                return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
            except (http.client.RemoteDisconnected, ConnectionError):
                # The server closed a connection that was idle; what it had not read it has not done.
                self.connection.close()
                self.connection = None
                if attempt == 2:
                    raise

    @staticmethod
    def path(key, **query):
        text = "/" + BUCKET + "/" + urllib.parse.quote(key, safe="/~")
        return text + ("?" + urllib.parse.urlencode(query) if query else "")

    def ask(self, operation):
        status, headers, content = getattr(self, operation["op"])(operation)
        answer = {"status": status}
        if status >= 300:
            # The answer to a HEAD has no body that could name the error.
            if operation["op"] != "head":
                answer["code"] = text_of(parse(content), "Code")
            return answer
        return getattr(self, "read_" + operation["op"], self.read_tag)(answer, headers, content, operation)

    # Requests.

    def put(self, operation):
        return self.send("PUT", self.path(operation["key"]), write_headers(operation), body(operation))

    def copy(self, operation):
        headers = write_headers(operation)
        headers["x-amz-copy-source"] = urllib.parse.quote(f"/{BUCKET}/{operation['source']}", safe="/~")
        if "metadata" in operation:
            headers["x-amz-metadata-directive"] = "REPLACE"
        return self.send("PUT", self.path(operation["key"]), headers)

    def get(self, operation):
        headers = {}
        if "suffix" in operation:
            headers["Range"] = f"bytes=-{operation['suffix']}"
        elif "first" in operation:
            headers["Range"] = f"bytes={operation['first']}-{operation.get('last', '')}"
        return self.send("GET", self.path(operation["key"]), headers)

    def head(self, operation):
        return self.send("HEAD", self.path(operation["key"]))

    def delete(self, operation):
        return self.send("DELETE", self.path(operation["key"]))

    def list(self, operation):
        query = {"list-type": "2", "prefix": operation["prefix"], "max-keys": operation["limit"]}
        for name, parameter in (("delimiter", "delimiter"), ("after", "start-after"),
                                ("continuation", "continuation-token")):
            if name in operation:
                query[parameter] = operation[name]
        return self.send("GET", f"/{BUCKET}?" + urllib.parse.urlencode(query))

    def initiate(self, operation):
        return self.send("POST", self.path(operation["key"]) + "?uploads", write_headers(operation))

    def part(self, operation):
        path = self.path(operation["key"], partNumber=operation["number"], uploadId=operation["upload"])
        return self.send("PUT", path, content=body(operation))

    def complete(self, operation):
        parts = "".join(
            f"<Part><PartNumber>{part['number']}</PartNumber><ETag>\"{part['tag']}\"</ETag></Part>"
            for part in operation["parts"])
        content = f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>".encode()
        path = self.path(operation["key"], uploadId=operation["upload"])
        return self.send("POST", path, write_headers(operation), content)

    def abort(self, operation):
        return self.send("DELETE", self.path(operation["key"], uploadId=operation["upload"]))

    def parts(self, operation):
        query = {"uploadId": operation["upload"], "max-parts": operation["limit"]}
        if operation.get("number"):
            query["part-number-marker"] = operation["number"]
        return self.send("GET", self.path(operation["key"], **query))

    def uploads(self, operation):
        query = urllib.parse.urlencode({"prefix": operation["prefix"]})
        return self.send("GET", f"/{BUCKET}?uploads&{query}")

    # Answers.

    def read_tag(self, answer, headers, content, operation):
        tag = headers.get("etag") or text_of(parse(content), "ETag")
        return dict(answer, tag=tag.strip('"'))

    def read_get(self, answer, headers, content, operation):
        size = len(content)
        if answer["status"] == 206:
            size = int(headers["content-range"].rsplit("/", 1)[1])
        return dict(answer, tag=headers["etag"].strip('"'), size=size, length=len(content),
                    md5=hashlib.md5(content).hexdigest())

    def read_head(self, answer, headers, content, operation):
        metadata = {name.removeprefix("x-amz-meta-"): value for name, value in headers.items()
                    if name.startswith("x-amz-meta-")}
        return dict(answer, tag=headers["etag"].strip('"'), size=int(headers["content-length"]), metadata=metadata)

    def read_delete(self, answer, headers, content, operation):
        return answer

    read_abort = read_delete

    def read_list(self, answer, headers, content, operation):
        root = parse(content)
        keys = [{"key": text_of(entry, "Key"), "size": int(text_of(entry, "Size")),
                 "tag": text_of(entry, "ETag").strip('"')} for entry in children(root, "Contents")]
        prefixes = [text_of(entry, "Prefix") for entry in children(root, "CommonPrefixes")]
        return dict(answer, keys=keys, prefixes=prefixes, truncated=text_of(root, "IsTruncated") == "true",
                    next=text_of(root, "NextContinuationToken"))

    def read_initiate(self, answer, headers, content, operation):
        return dict(answer, upload=text_of(parse(content), "UploadId"))

    def read_complete(self, answer, headers, content, operation):
        return dict(answer, tag=text_of(parse(content), "ETag").strip('"'))

    def read_parts(self, answer, headers, content, operation):
        root = parse(content)
        parts = [{"number": int(text_of(entry, "PartNumber")), "tag": text_of(entry, "ETag").strip('"'),
                  "size": int(text_of(entry, "Size"))} for entry in children(root, "Part")]
        return dict(answer, parts=parts, truncated=text_of(root, "IsTruncated") == "true")

    def read_uploads(self, answer, headers, content, operation):
        uploads = [{"key": text_of(entry, "Key"), "upload": text_of(entry, "UploadId")}
                   for entry in children(parse(content), "Upload")]
        return dict(answer, uploads=uploads)


def write_headers(operation):
    headers = {f"x-amz-meta-{name}": value for name, value in operation.get("metadata", {}).items()}
    if operation.get("ifNoneMatch"):
        headers["If-None-Match"] = "*"
    if "ifMatch" in operation:
        headers["If-Match"] = f"\"{operation['ifMatch']}\""
    return headers


def parse(content):
    try:
        return ElementTree.fromstring(content)
    except ElementTree.ParseError:
        return ElementTree.Element("nothing")


def children(element, name):
    return [child for child in element.iter() if child.tag.rsplit("}", 1)[-1] == name and child is not element]


def text_of(element, name):
    found = children(element, name)
    return (found[0].text or "") if found else None


class Operations:
    """Draws operations from a seed, such that many of them meet what others left."""

    NAMES = ["a", "b", "b/", "b/c", "b/c/d", "b/d", "b//e", "c/1", "c/10", "c/2", "d e", "d+e", "d%20e", "é", "e\u0301",
             "ünter/x", "ünter/y", "z/\U0001F600", "z/~", "z/$&@=;:,", "0", "00", "1/2/3", "1/2/4", "1/3", "Z", "_", "k."]

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.tags = {}
        self.open = []
        self.kinds = {
            self.put: 20, self.conditional_put: 14, self.get: 10, self.ranged_get: 14, self.head: 6, self.delete: 8,
            self.copy: 5, self.initiate: 4, self.part: 12, self.complete: 5, self.abort: 1, self.parts: 2,
            self.uploads: 1, self.list: 14}

    def draw(self):
        while True:
            kind = self.random.choices(list(self.kinds), weights=list(self.kinds.values()))[0]
            operation = kind()
            if operation is not None:
                return operation

    def key(self):
        return self.random.choice(self.NAMES)

    def body(self, limit=700):
        return {"seed": self.random.randrange(250), "length": self.random.choice([0, 1, self.random.randrange(limit)])}

    def metadata(self):
        return {name: self.random.choice(["x", "long " * 5 + "value", "1"])
                for name in ("colour", "Attempt", "e-1") if self.random.random() < 0.4}

    def put(self):
        return {"op": "put", "key": self.key(), "body": self.body(), "metadata": self.metadata()}

    def conditional_put(self):
        operation = self.put()
        self.add_condition(operation)
        return operation

    def add_condition(self, operation):
        if self.random.random() < 0.5:
            operation["ifNoneMatch"] = True
        else:
            known = self.tags.get(operation["key"])
            other = hashlib.md5(b"other").hexdigest()
            operation["ifMatch"] = known if known and self.random.random() < 0.7 else other

    def get(self):
        return {"op": "get", "key": self.key()}

    def ranged_get(self):
        operation = self.get()
        if self.random.random() < 0.3:
            operation["suffix"] = self.random.choice([0, 1, self.random.randrange(2_000)])
            return operation
        operation["first"] = self.random.choice([0, self.random.randrange(1_000)])
        if self.random.random() < 0.7:
            operation["last"] = self.random.choice([0, self.random.randrange(1_000), operation["first"] + 10])
        return operation

    def head(self):
        return {"op": "head", "key": self.key()}

    def delete(self):
        return {"op": "delete", "key": self.key()}

    def copy(self):
        operation = {"op": "copy", "source": self.key(), "key": self.key()}
        if "-" in (self.tags.get(operation["source"]) or ""):
            return None
        if self.random.random() < 0.5:
            operation["metadata"] = self.metadata()
        return operation

    def initiate(self):
        if len(self.open) > 12:
            return None
        return {"op": "initiate", "key": self.key(), "metadata": self.metadata()}

    def upload(self):
        """An upload that was begun, now and then one that is over."""
        return self.random.choice(self.open) if self.open else None

    def part(self):
        upload = self.upload()
        if upload is None:
            return None
        number = self.random.choice([1, 2, 3, 3, 5, self.random.choice([0, 10_000, 10_001])])
        length = self.random.choice([MINIMUM_PART, MINIMUM_PART + 500, MINIMUM_PART - 1, 10])
        return {"op": "part", "key": upload["key"], "number": number, "handle": upload,
                "body": {"seed": self.random.randrange(250), "length": length}}

    def complete(self):
        upload = self.upload()
        if upload is None:
            return None
        parts = [{"number": number, "tag": tag} for number, tag in sorted(upload["parts"].items())]
        parts = [part for part in parts if self.random.random() < 0.9]
        operation = {"op": "complete", "key": upload["key"], "parts": parts, "handle": upload}
        # Of two reasons to refuse, which one is named S3 leaves open: there is one at the most.
        if upload.get("over") or not self.is_complete(upload, parts):
            return operation
        if self.random.random() < 0.1:
            parts[-1] = {"number": parts[-1]["number"], "tag": hashlib.md5(b"other").hexdigest()}
        elif self.random.random() < 0.4:
            operation["ifNoneMatch"] = True
        return operation

    @staticmethod
    def is_complete(upload, parts):
        return bool(parts) and all(upload["sizes"][part["number"]] >= MINIMUM_PART for part in parts[:-1])

    def abort(self):
        upload = self.upload()
        return upload and {"op": "abort", "key": upload["key"], "handle": upload}

    def parts(self):
        upload = self.upload()
        if upload is None:
            return None
        operation = {"op": "parts", "key": upload["key"], "limit": 1_000, "handle": upload}
        numbers = sorted(upload["parts"])
        if numbers == list(range(1, len(numbers) + 1)) and numbers:
            operation["limit"] = self.random.choice([1, 2, 1_000])
            operation["number"] = self.random.choice([0] + numbers)
        return operation

    def uploads(self):
        return {"op": "uploads", "prefix": self.random.choice(["", "b", "z/"])}

    def list(self):
        operation = {"op": "list", "prefix": self.random.choice(["", "", "b", "b/", "c/1", "z/", "é", "ü", "nothing"]),
                     "limit": self.random.choice([0, 1, 2, 3, 7, 1_000, 5_000])}
        if self.random.random() < 0.5:
            operation["delimiter"] = self.random.choice(["/", "/", "e", "//"])
        if self.random.random() < 0.3:
            after = self.key()
            rest = after[len(operation["prefix"]):] if after.startswith(operation["prefix"]) else ""
            if operation.get("delimiter", "\0") not in rest:
                operation["after"] = after
        return operation

    # What an answer changes.

    def learn(self, operation, ours, theirs):
        name, key = operation["op"], operation.get("key")
        handle = operation.get("handle")
        if handle is not None and handle.get("over") and self.random.random() < 0.3:
            self.open.remove(handle)
            return
        if ours["status"] >= 300:
            return
        if name in ("put", "copy", "complete"):
            self.tags[key] = ours["tag"]
        if name == "delete":
            self.tags.pop(key, None)
        if name == "initiate":
            self.open.append({"key": key, "ours": ours["upload"], "theirs": theirs["upload"], "parts": {}, "sizes": {}})
        if name == "part":
            operation["handle"]["parts"][operation["number"]] = ours["tag"]
            operation["handle"]["sizes"][operation["number"]] = operation["body"]["length"]
        if name in ("complete", "abort") and self.random.random() < 0.8:
            # Now and then it is asked for again.
            self.open.remove(operation["handle"])
        elif name in ("complete", "abort"):
            operation["handle"]["over"] = True


class Comparison:
    def __init__(self, simulator, moto, seed):
        self.sides = (simulator, moto)
        self.operations = Operations(seed)
        self.counts = {}
        self.statuses = {}
        self.deviations = {name: 0 for name, _, _ in DEVIATIONS}

    def step(self):
        operation = self.operations.draw()
        ours, theirs = self.ask(operation)
        self.compare(operation, ours, theirs)
        self.operations.learn(operation, ours, theirs)
        pages = 0
        while operation["op"] == "list" and ours["truncated"] and pages < 20:
            pages += 1
            operation = dict(operation)
            operation.pop("after", None)
            ours, theirs = (self.sides[index].ask(dict(operation, continuation=answer["next"]))
                            for index, answer in enumerate((ours, theirs)))
            self.compare(operation, ours, theirs)
        return 1 + pages

    def ask(self, operation):
        answers = []
        for side, handle in zip(self.sides, ("ours", "theirs")):
            told = {name: value for name, value in operation.items() if name != "handle"}
            if "handle" in operation:
                told["upload"] = operation["handle"][handle]
            answers.append(side.ask(told))
        return answers

    def compare(self, operation, ours, theirs):
        self.counts[operation["op"]] = self.counts.get(operation["op"], 0) + 1
        self.statuses[ours["status"]] = self.statuses.get(ours["status"], 0) + 1
        if self.comparable(operation, ours) == self.comparable(operation, theirs):
            return
        for name, _, explains in DEVIATIONS:
            if explains(operation, ours, theirs):
                self.deviations[name] += 1
                return
        shown = {name: value for name, value in operation.items() if name != "handle"}
        raise Difference(f"operation: {json.dumps(shown)}\nsimulator: {json.dumps(ours)}\nmoto:      {json.dumps(theirs)}")

    def comparable(self, operation, answer):
        """The answer without what only one side can know, such as identifiers of uploads and tokens of pages."""
        answer = dict(answer)
        answer.pop("upload", None)
        if operation["op"] == "head":
            answer.pop("code", None)
        if "next" in answer:
            answer["next"] = answer["next"] is not None
        if "uploads" in answer:
            # moto lists uploads of one key in any order.
            answer["uploads"] = sorted(upload["key"] for upload in answer["uploads"])
        return answer


class Difference(Exception):
    pass


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--binary", required=True, help="the simulator")
    arguments.add_argument("--operations", type=int, default=10_000)
    arguments.add_argument("--seed", type=int, default=None)
    arguments.add_argument("--self-test", action="store_true",
                           help="tell the simulator another smallest part, and want that to be found")
    options = arguments.parse_args()
    seed = options.seed if options.seed is not None else int.from_bytes(os.urandom(4), "big")
    print(f"seed {seed}, {options.operations} operations", flush=True)
    simulator, moto = Simulator(options.binary, MINIMUM_PART + 1 if options.self_test else MINIMUM_PART), Moto()
    comparison = Comparison(simulator, moto, seed)
    done = 0
    try:
        while done < options.operations:
            done += comparison.step()
    except Difference as difference:
        if options.self_test:
            print(f"self-test: the planted difference was found after {done} operations")
            return 0
        print(f"A difference after {done} operations, with seed {seed}:\n{difference}", file=sys.stderr)
        return 1
    finally:
        moto.close()
        simulator.close()
    if options.self_test:
        print("self-test: the planted difference was not found", file=sys.stderr)
        return 1
    print("answered: " + ", ".join(f"{status} {count}" for status, count in sorted(comparison.statuses.items())))
    print("asked: " + ", ".join(f"{name} {count}" for name, count in sorted(comparison.counts.items())))
    for name, reason, _ in DEVIATIONS:
        print(f"known deviation, {comparison.deviations[name]} times: {name} ({reason})")
    for name, reason in NOT_ASKED:
        print(f"not asked: {name} ({reason})")
    print(f"{done} answers, no other difference")
    return 0


if __name__ == "__main__":
    sys.exit(main())
