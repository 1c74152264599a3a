import Reports

/// The messages of a visitor, and those of them that the room has delivered, matched by content, so
/// that an answer to an earlier message is never taken for one to the last.
struct SaidMessages {
    /// The maximum number of messages remembered until they are delivered.
    private static let openAtMost = 1_024

    /// The time after which a message that the room has not returned is named.
    private static let patienceNs: Int64 = 1_000_000_000

    private struct Message {
        let octets: [UInt8]
        let sentNs: Int64
        var isNamed = false
    }

    private var open: [Message] = []
    private var said = 0
    private var cameBack = 0
    private var isForgetful = false

    mutating func say(_ octets: [UInt8], atNs sentNs: Int64) {
        said += 1
        open.append(Message(octets: octets, sentNs: sentNs))
        guard open.count > Self.openAtMost else { return }
        open.removeFirst()
        isForgetful = true
    }

    mutating func hear(_ octets: [UInt8]) {
        guard let index = open.firstIndex(where: { $0.octets == octets }) else { return }
        open.remove(at: index)
        cameBack += 1
    }

    /// Returns a message that the room has not returned for a second, once.
    mutating func overdue(atNs nowNs: Int64) -> [UInt8]? {
        let index = open.firstIndex { !$0.isNamed && nowNs - $0.sentNs > Self.patienceNs }
        guard let index else { return nil }
        open[index].isNamed = true
        return open[index].octets
    }

    /// The summary; `nil` without any message.
    var sentence: String? {
        guard said > 0 else { return nil }
        let least = isForgetful ? "at least " : ""
        return "said \(UnitText.count(said)), came back \(least)\(UnitText.count(cameBack))"
    }
}
