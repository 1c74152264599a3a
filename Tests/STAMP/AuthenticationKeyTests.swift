import Testing

@testable import STAMP

@Suite struct AuthenticationKeyTests {
    /// RFC 4231 §§4.2 to 4.8: key, data, and HMAC, in hexadecimal digits.
    private static let examples: [[String]] = [
        [
            String(repeating: "0b", count: 20), "4869205468657265",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
        ],
        [
            "4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ],
        [
            String(repeating: "aa", count: 20), String(repeating: "dd", count: 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
        ],
        [
            "0102030405060708090a0b0c0d0e0f10111213141516171819",
            String(repeating: "cd", count: 50),
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
        ],
        [
            String(repeating: "aa", count: 131),
            """
            54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368\
            204b6579204669727374
            """,
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        ],
        [
            String(repeating: "aa", count: 131),
            """
            5468697320697320612074657374207573696e672061206c6172676572207468616e20626c6f636b2d73697a\
            65206b657920616e642061206c6172676572207468616e20626c6f636b2d73697a6520646174612e20546865\
            206b6579206e6565647320746f20626520686173686564206265666f7265206265696e672075736564206279\
            2074686520484d414320616c676f726974686d2e
            """,
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
        ],
    ]

    @Test(arguments: examples.indices)
    func theExamplesOfRFC4231Hold(number: Int) throws {
        let (key, data, digest) = (
            Self.examples[number][0], Self.examples[number][1], Self.examples[number][2]
        )
        let secret = try AuthenticationKey(file: Array("hex:\(key)".utf8))
        let message = Hex.bytes(data)
        for cut in 0...message.count {
            let words = message.withUnsafeBytes {
                secret.digest(
                    UnsafeRawBufferPointer(rebasing: $0[..<cut]),
                    UnsafeRawBufferPointer(rebasing: $0[cut...]))
            }
            let text = words.indices.map { Hex.text(words[$0]) }.joined()
            #expect(text == digest, "cut at \(cut)")
        }
    }

    /// RFC 4231 §4.6 gives the HMAC truncated to 128 bits, the length of STAMP's.
    @Test func theTruncatedExampleHolds() {
        let key = AuthenticationKey([UInt8](repeating: 0x0c, count: 20))
        var place = [UInt8](repeating: 0, count: 16)
        let tag = Array("Test With Truncation".utf8).withUnsafeBytes { key.tag($0) }
        place.withUnsafeMutableBytes { tag.write(at: $0.baseAddress!) }
        #expect(place == Hex.bytes("a3b6167473100ee06e0c796c2955552b"))
        for bit in 0..<128 {
            var other = place
            other[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(!other.withUnsafeBytes { tag.isAt($0.baseAddress!) }, "bit \(bit)")
        }
        #expect(place.withUnsafeBytes { tag.isAt($0.baseAddress!) })
    }

    @Test func aFileGivesTheKeyOnItsLine() throws {
        func tag(_ file: String) throws -> String {
            let key = try AuthenticationKey(file: Array(file.utf8))
            let words = key.digest(.init(start: nil, count: 0), .init(start: nil, count: 0))
            return words.indices.map { Hex.text(words[$0]) }.joined()
        }
        #expect(try tag("secret\n") == tag("secret"))
        #expect(try tag("secret\r\n") == tag("secret"))
        #expect(try tag("hex:736563726574\n") == tag("secret"))
        #expect(try tag("secret \n") != tag("secret"))
        #expect(try tag("secret\n\n") != tag("secret"))
    }

    @Test(arguments: [
        ("", AuthenticationKey.Fault.empty), ("\n", .empty), ("hex:\n", .empty),
        ("hex:7", .noHexadecimal), ("hex:7g", .noHexadecimal), ("hex:73 65", .noHexadecimal),
        (String(repeating: "k", count: 1_025), .tooLong),
    ])
    func aFileWithoutAKeyIsRefused(text: String, fault: AuthenticationKey.Fault) {
        #expect(throws: fault) { try AuthenticationKey(file: Array(text.utf8)) }
    }

    @Test func nothingPrintsAKey() {
        let key = AuthenticationKey(Array("a very secret key".utf8))
        var dumped = ""
        dump(key, to: &dumped)
        for text in ["\(key)", String(reflecting: key), dumped] {
            #expect(!text.contains("secret"))
            #expect(!text.contains("SIMD"), "\(text)")
        }
    }
}

enum Hex {
    static func bytes(_ text: String) -> [UInt8] {
        let values = text.compactMap(\.hexDigitValue)
        return stride(from: 0, to: values.count, by: 2).map {
            UInt8(values[$0] << 4 | values[$0 + 1])
        }
    }

    static func text(_ word: UInt32) -> String {
        let digits = String(word, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}
