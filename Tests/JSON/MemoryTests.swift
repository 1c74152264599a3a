import Testing

@testable import JSON

/// json-c that fails or misreads: neither may leave half a document behind.
@Suite struct MemoryTests {
    @Test("P24 json-c out of memory is a clean error while reading")
    func p24Reading() throws {
        let bytes = Array(richDocument.utf8)
        var failures = 0
        while true {
            var calls = JSONCCalls(failingAfter: failures)
            do throws(JSONError) {
                _ = try JSONDocument.read(
                    file: "p.json", bytes: bytes, limits: .plan, calls: &calls)
                break
            } catch {
                #expect(error == JSONError(.memory, "json-c ran out of memory", at: nil))
            }
            failures += 1
        }
        #expect(failures == 2, "one call makes the tokener, one parses")
    }

    @Test("P24 json-c out of memory is a clean error while writing, at every call")
    func p24Writing() throws {
        let value = try parse(richDocument)
        let text = try value.text(.pretty)
        var failures = 0
        while true {
            var calls = JSONCCalls(failingAfter: failures)
            do throws(JSONError) {
                #expect(try value.text(.pretty, calls: &calls) == text)
                break
            } catch {
                #expect(error.code == .memory)
            }
            failures += 1
        }
        #expect(failures > 60, "every value and every insertion is a call")
    }

    @Test("P24 a tree that json-c cut short is refused")
    func partialTreeIsRefused() throws {
        let bytes = Array("[1, 2, 3]".utf8)
        let right = StrictScan(positions: [], values: 4, end: 9)
        for wrong in [
            StrictScan(positions: [], values: 5, end: 9),
            StrictScan(positions: [], values: 3, end: 9),
            StrictScan(positions: [], values: 4, end: 8),
        ] {
            var calls = JSONCCalls()
            let error = #expect(throws: JSONError.self) {
                try TreeBuilder.build(bytes, scan: wrong, limits: .plan, calls: &calls)
            }
            #expect(error?.code == .disagreement)
        }
        var calls = JSONCCalls()
        #expect(
            try TreeBuilder.build(bytes, scan: right, limits: .plan, calls: &calls)
                == .array([.integer(1), .integer(2), .integer(3)]))
    }

    @Test func bytesBehindTheScannedDocumentAreNotGivenToJSONC() throws {
        let bytes = Array("[1] garbage".utf8)
        var calls = JSONCCalls()
        let scan = StrictScan(positions: [], values: 2, end: 3)
        let value = try TreeBuilder.build(bytes, scan: scan, limits: .plan, calls: &calls)
        #expect(value == .array([.integer(1)]))
    }
}
