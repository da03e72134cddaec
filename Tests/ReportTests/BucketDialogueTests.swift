import Nodes
import Testing

@testable import Report

@Suite("The dialogue with a bucket")
struct BucketDialogueTests {
  private func answers(_ lines: String...) throws -> [String] {
    var limits = BucketLimits()
    limits.minimumPartBytes = 4
    var dialogue = BucketDialogue(limits: limits)
    return try lines.map { try dialogue.answer($0) }
  }

  @Test("answers what S3 would answer, a line of JSON each")
  func objects() throws {
    let tag = "0e9ed65beaa6f8c8a2e5aca31e9e9d4a"
    let lines = try answers(
      #"{"op": "put", "key": "a/é", "body": {"seed": 0, "length": 0}, "metadata": {"B": "x"}, "ifNoneMatch": true}"#,
      #"{"op": "put", "key": "a/é", "body": {"seed": 0, "length": 3}, "ifNoneMatch": true}"#,
      #"{"op": "head", "key": "a/é"}"#, #"{"op": "get", "key": "b"}"#,
      #"{"op": "put", "key": "a/é", "ifMatch": "\#(tag)"}"#,
      #"{"op": "list", "prefix": "", "delimiter": "/", "limit": 1}"#)
    let empty = "d41d8cd98f00b204e9800998ecf8427e"
    #expect(lines[0] == #"{"status": 200, "tag": "\#(empty)"}"#)
    #expect(lines[1] == #"{"status": 412, "code": "PreconditionFailed"}"#)
    #expect(lines[2] == #"{"status": 200, "tag": "\#(empty)", "size": 0, "metadata": {"b": "x"}}"#)
    #expect(lines[3] == #"{"status": 404, "code": "NoSuchKey"}"#)
    #expect(lines[4] == #"{"status": 412, "code": "PreconditionFailed"}"#)
    #expect(lines[5] == #"{"status": 200, "keys": [], "prefixes": ["a/"], "truncated": false, "next": null}"#)
  }

  @Test("cuts ranges, and takes no notice of one that ends before it begins")
  func ranges() throws {
    let lines = try answers(
      #"{"op": "put", "key": "k", "body": {"seed": 1, "length": 300}}"#,
      #"{"op": "get", "key": "k", "first": 10, "last": 19}"#, #"{"op": "get", "key": "k", "first": 9, "last": 3}"#,
      #"{"op": "get", "key": "k", "suffix": 5}"#, #"{"op": "get", "key": "k", "first": 300}"#)
    #expect(lines[1].contains(#""status": 206"#) && lines[1].contains(#""length": 10"#))
    #expect(lines[2].contains(#""status": 200"#) && lines[2].contains(#""length": 300"#))
    #expect(lines[3].contains(#""length": 5"#))
    #expect(lines[4] == #"{"status": 416, "code": "InvalidRange"}"#)
  }

  @Test("follows a listing by its tokens to the end")
  func paging() throws {
    var dialogue = BucketDialogue()
    for key in ["a", "b/1", "b/2", "c"] { _ = try dialogue.answer(#"{"op": "put", "key": "\#(key)"}"#) }
    let list = #"{"op": "list", "limit": 1, "delimiter": "/""#
    #expect(try dialogue.answer(list + "}").contains(#""next": "ka""#))
    #expect(try dialogue.answer(list + #", "continuation": "ka"}"#).contains(#""prefixes": ["b/"]"#))
    #expect(try dialogue.answer(list + #", "continuation": "pb/"}"#).contains(#""key": "c""#))
    #expect(throws: BucketDialogue.Problem.self) { try dialogue.answer(list + #", "continuation": "x"}"#) }
  }

  @Test("makes objects of parts")
  func parts() throws {
    let tag = try answers(
      #"{"op": "initiate", "key": "k"}"#,
      #"{"op": "part", "key": "k", "upload": 1, "number": 1, "body": {"seed": 1, "length": 4}}"#)[1].split(
        separator: "\"")[5]
    let lines = try answers(
      #"{"op": "initiate", "key": "k"}"#,
      #"{"op": "part", "key": "k", "upload": 1, "number": 1, "body": {"seed": 1, "length": 4}}"#,
      #"{"op": "parts", "key": "k", "upload": 1}"#, #"{"op": "uploads"}"#,
      #"{"op": "complete", "key": "k", "upload": 1, "parts": [{"number": 1, "tag": "\#(tag)"}]}"#,
      #"{"op": "abort", "key": "k", "upload": 1}"#)
    #expect(lines[2].contains(#""number": 1"#) && lines[2].contains(#""size": 4"#))
    #expect(lines[3] == #"{"status": 200, "uploads": [{"key": "k", "upload": 1}]}"#)
    #expect(lines[4].hasSuffix(#"-1"}"#))
    #expect(lines[5] == #"{"status": 404, "code": "NoSuchUpload"}"#)
  }

  @Test(
    "says what is wrong with a line that is no operation",
    arguments: ["", "7", "{}", #"{"op": "fly"}"#, #"{"op": "put", "key": "k", "ifMatch": "short"}"#])
  func problems(line: String) {
    #expect(throws: BucketDialogue.Problem.self) { try answers(line) }
  }
}
