import Datagrams
import Loops
import Reports

/// The reason why a datagram is not answered, as a sentence with advice.
enum RefusalText {
    /// Prints the sources that a responder answers, if its address suggests others.
    static func note(bound: SocketAddress, allowed: [AddressRange]) {
        if !bound.isLoopback, allowed == AddressRange.loopback {
            Console.say("answers this host alone; --allow says whom else")
        }
    }

    static func sentence(_ refusal: AnswerRule.Refusal, _ source: SocketAddress?) -> String {
        let source = source.map { "\($0)" } ?? "somebody"
        return switch refusal {
        case .sourcePort:
            "no answer to \(source): a service may have this port and answer in turn"
        case .notAllowed: "no answer to \(source): it is not in the allow-list (--allow)"
        case .ownAddress: "no answer to \(source): this is the responder's own address"
        case .answer: "no answer to \(source): the datagram is itself the answer of a udplab"
        }
    }

    /// Returns `no answer to 3 (source port 1, not allowed 2), `; empty if there are none.
    static func counts(_ refused: RefusalCounts) -> String {
        guard refused.total > 0 else { return "" }
        let parts = AnswerRule.Refusal.allCases.filter { refused[$0] > 0 }.map {
            "\(name($0)) \(UnitText.count(refused[$0]))"
        }
        return "no answer to \(UnitText.count(refused.total)) (\(parts.joined(separator: ", "))), "
    }

    private static func name(_ refusal: AnswerRule.Refusal) -> String {
        switch refusal {
        case .sourcePort: "source port"
        case .notAllowed: "not allowed"
        case .ownAddress: "own address"
        case .answer: "an answer"
        }
    }
}
