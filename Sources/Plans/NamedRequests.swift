import JSON
import Load

/// A request as the plan has it, before the sender's `answer` and `valid`.
struct RequestDraft: Sendable, Equatable {
    var name: String
    var template: BytePattern
    /// The rule that goes with the protocol; nil leaves it to the plan.
    var answer: AnswerMatch?
    var valid: [AnswerCheck] = []
}

/// The requests of well-known services, by name.
enum NamedRequests {
    /// The requests that need no further keys.
    static let words = ["coap-ping", "stun-binding", "ntp", "sip-options", "statsd", "syslog"]

    static func draft(_ word: String) -> RequestDraft? {
        switch word {
        case "coap-ping": coapPing
        case "stun-binding": stunBinding
        case "ntp": ntp
        case "sip-options": sipOptions(uri: "sip:udplab.invalid")
        case "statsd": statsd(metric: "udplab.requests")
        case "syslog": syslog(message: "udplab request {seq}")
        default: nil
        }
    }

    /// An Empty Confirmable message, which is answered with a Reset of the same message id (RFC
    /// 7252 §4.3).
    private static let coapPing = RequestDraft(
        name: "coap-ping", template: BytePattern([.octets([0x40, 0x00]), .be16]),
        answer: .at(2, BytePattern([.be16])),
        valid: [AnswerCheck(at: 0, octets: [0x70, 0x00])])

    /// A Binding request and its success response, with the same transaction id (RFC 8489 §5).
    private static let stunBinding: RequestDraft = {
        let cookie: [UInt8] = [0x21, 0x12, 0xa4, 0x42]
        let transaction: [BytePattern.Piece] = [.runHex8, .be32]
        return RequestDraft(
            name: "stun-binding",
            template: BytePattern([.octets([0x00, 0x01, 0x00, 0x00] + cookie)] + transaction),
            answer: .at(8, BytePattern(transaction)),
            valid: [
                AnswerCheck(at: 0, octets: [0x01, 0x01]), AnswerCheck(at: 4, octets: cookie),
            ])
    }()

    /// A client packet of version 4, whose transmit timestamp comes back as the originate timestamp
    /// (RFC 5905 §7.3, §8). A stratum of 0 is a kiss-o'-death (§7.4).
    private static let ntp: RequestDraft = {
        let head: [UInt8] = [0x23] + Array(repeating: 0, count: 39)
        return RequestDraft(
            name: "ntp",
            template: BytePattern([.octets(head), .random(count: 4, isText: false), .be32]),
            answer: .at(28, BytePattern([.be32])),
            valid: [
                AnswerCheck(at: 0, mask: [0x07], octets: [0x04]),
                AnswerCheck(at: 1, octets: [0x00], differs: true),
            ])
    }()

    /// An OPTIONS request outside a dialog (RFC 3261 §11), told by its Call-ID; answers come to the
    /// port that sent (RFC 3581).
    static func sipOptions(uri: String) -> RequestDraft {
        func text(_ text: String) -> BytePattern.Piece { .octets(Array(text.utf8)) }
        let id: [BytePattern.Piece] = [.runHex8, text("-"), .decimal]
        let via = "OPTIONS \(uri) SIP/2.0\r\nVia: SIP/2.0/UDP udplab.invalid;branch=z9hG4bK"
        let from = ";rport\r\nMax-Forwards: 70\r\nFrom: <sip:udplab@udplab.invalid>;tag="
        let to = "\r\nTo: <\(uri)>\r\nCall-ID: "
        let end =
            "@udplab.invalid\r\nCSeq: 1 OPTIONS\r\nAccept: application/sdp\r\n"
            + "Content-Length: 0\r\n\r\n"
        return RequestDraft(
            name: "sip-options",
            template: BytePattern(
                [text(via)] + id + [text(from), .runHex8, text(to)] + id + [text(end)]),
            answer: .containing(BytePattern(id + [text("@udplab.invalid")])),
            valid: [AnswerCheck(at: 0, octets: Array("SIP/2.0 200".utf8))])
    }

    /// A counter of the statsd protocol, which answers nothing.
    static func statsd(metric: String) -> RequestDraft {
        RequestDraft(
            name: "statsd", template: BytePattern(octets: Array("\(metric):1|c".utf8)),
            answer: AnswerMatch.none)
    }

    /// A message of RFC 5424 §6: facility user, severity informational, without a time of its own.
    static func syslog(message: String) -> RequestDraft? {
        let text = "<14>1 - - udplab - - - \(message)"
        guard let template = try? RequestText.read(Array(text.utf8), as: .text) else { return nil }
        return RequestDraft(name: "syslog", template: template, answer: AnswerMatch.none)
    }

    // MARK: - DNS

    /// The types of a question by name (RFC 1035 §3.2.2, RFC 3596, RFC 2782, RFC 9460).
    static let dnsTypes: KeyValuePairs<String, Int> = [
        "A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28,
        "SRV": 33, "HTTPS": 65,
    ]

    /// A recursive query of one question (RFC 1035 §4.1), told by its id; a right answer is a
    /// response without an error code.
    static func dns(name: String, type: Int) throws(JSONComplaint) -> RequestDraft {
        let flags: [UInt8] = [0x01, 0x00]
        let counts: [UInt8] = [0, 1, 0, 0, 0, 0, 0, 0]
        var pieces: [BytePattern.Piece] = [.be16, .octets(flags + counts)]
        pieces += try dnsName(name)
        pieces.append(.octets([UInt8(type >> 8), UInt8(type & 255), 0, 1]))
        return RequestDraft(
            name: "dns", template: BytePattern(pieces), answer: .at(0, BytePattern([.be16])),
            valid: [
                AnswerCheck(at: 2, mask: [0x80], octets: [0x80]),
                AnswerCheck(at: 3, mask: [0x0f], octets: [0x00]),
            ])
    }

    /// Returns a name as labels with their lengths (RFC 1035 §3.1). Placeholders of one length may
    /// stand in a label.
    private static func dnsName(
        _ name: String
    ) throws(JSONComplaint) -> [BytePattern.Piece] {
        var pieces: [BytePattern.Piece] = []
        var bytes = 1
        let trimmed = name.hasSuffix(".") ? name.dropLast() : name[...]
        for label in trimmed.split(separator: ".", omittingEmptySubsequences: false)
        where !trimmed.isEmpty {
            guard !label.isEmpty else {
                throw JSONComplaint("\(name.quoted) has an empty label (RFC 1035 §3.1)")
            }
            let pattern = try RequestText.read(Array(label.utf8), as: .text)
            let isFixed = pattern.pieces.allSatisfy { piece in
                switch piece {
                case .octets, .runHex8, .random: true
                case .decimal, .be16, .be32, .timeMs: false
                }
            }
            guard isFixed else {
                throw JSONComplaint(
                    "a label of a name has {random:N} and {run:hex8} only: the others have no "
                        + "fixed length, or are no characters")
            }
            let length = pattern.bytesMost
            bytes += length + 1
            guard length <= 63, bytes <= 255 else {
                throw JSONComplaint(
                    "\(name.quoted) is too long: a label has up to 63 B, and a name 255 B with "
                        + "the lengths of its labels (RFC 1035 §3.1)")
            }
            pieces.append(.octets([UInt8(length)]))
            pieces += pattern.pieces
        }
        return pieces + [.octets([0])]
    }
}
