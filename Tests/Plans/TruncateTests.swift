import Impairment
import Testing

@testable import Plans

@Suite struct TruncateTests {
    @Test("a truncation is read as a share or as an object, for one way or both")
    func read() throws {
        let both = try ImpairmentText.read([ImpairmentFlag("truncate", "1%")])
        #expect(both.forward.alterations == [.truncate(Probability(0.01), bytes: 8)])
        #expect(both.backward == both.forward)
        let one = try ImpairmentText.read([
            ImpairmentFlag("truncate", .backward, "probability=100%,bytes=20"),
            ImpairmentFlag("corrupt", .backward, "2%"),
        ])
        #expect(one.forward.isTransparent)
        #expect(
            one.backward.alterations == [
                .corrupt(Probability(0.02), bits: 1), .truncate(.always, bytes: 20),
            ])
    }

    @Test("a truncation to nothing, or to more than a datagram has, is refused by its range")
    func refused() {
        for bytes in ["0", "-1", "65508"] {
            #expect {
                try ImpairmentText.read([
                    ImpairmentFlag("truncate", "probability=1%,bytes=\(bytes)")
                ])
            } throws: { error in
                "\(error)".contains("--truncate: bytes: ") && "\(error)".contains("65507")
            }
        }
    }
}
