import Reports

/// The messages of a visitor, and those of them that the room has delivered, matched by content, so
/// that an answer to an earlier message is never taken for one to the last.
struct SaidMessages {
    /// The maximum number of messages remembered until they are delivered.
    private static let openAtMost = 1_024

    private var open: [[UInt8]] = []
    private var said = 0
    private var cameBack = 0
    private var isForgetful = false

    mutating func say(_ octets: [UInt8]) {
        said += 1
        open.append(octets)
        guard open.count > Self.openAtMost else { return }
        open.removeFirst()
        isForgetful = true
    }

    mutating func hear(_ octets: [UInt8]) {
        guard let index = open.firstIndex(of: octets) else { return }
        open.remove(at: index)
        cameBack += 1
    }

    /// The summary; `nil` without any message.
    var sentence: String? {
        guard said > 0 else { return nil }
        let least = isForgetful ? "at least " : ""
        return "said \(UnitText.count(said)), came back \(least)\(UnitText.count(cameBack))"
    }
}
