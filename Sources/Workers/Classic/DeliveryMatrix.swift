import Metrics

/// What the members of one thread got of what all members said: a bit for every member, speaker
/// and message, so that each delivery is counted once, whatever comes twice or late. All memory is
/// taken in `init`: members² × messages bits, over all threads.
struct DeliveryMatrix: ~Copyable {
    private let rows: Int
    private let speakers: Int
    private let messages: Int
    private let wordsPerPair: Int
    private let words: CheckedMemory<UInt64>
    private let deliveredTo: CheckedMemory<Int>
    private(set) var delivered = 0
    private(set) var late = 0
    private(set) var duplicates = 0
    var delays = DelayHistogram()

    /// - Parameters:
    ///   - rows: The members that this thread serves.
    ///   - speakers: All members.
    ///   - messages: The most that each of them says.
    init(rows: Int, speakers: Int, messages: Int) {
        self.rows = rows
        self.speakers = speakers
        self.messages = messages
        wordsPerPair = (messages + 63) / 64
        let count = rows * speakers * wordsPerPair
        words = .allocate(capacity: max(1, count))
        words.initialize(repeating: 0, count: count)
        deliveredTo = .allocate(capacity: max(1, rows))
        deliveredTo.initialize(repeating: 0, count: rows)
    }

    deinit {
        words.deallocate()
        deliveredTo.deallocate()
    }

    /// Message `number` (from 0) of `speaker` has come to the member of this row.
    /// - Returns: `false` when the speaker does not say so many.
    @inline(__always)
    mutating func record(
        row: Int, speaker: Int, number: Int, delayNs: Int64, timeoutNs: Int64
    ) -> Bool {
        guard number < messages else { return false }
        let word = (row * speakers + speaker) * wordsPerPair + number >> 6
        let bit: UInt64 = 1 << UInt64(number & 63)
        guard words[word] & bit == 0 else {
            duplicates += 1
            return true
        }
        words[word] |= bit
        delivered += 1
        deliveredTo[row] += 1
        if delayNs > timeoutNs { late += 1 }
        delays.record(delayNs)
        return true
    }

    /// First copies that each member of this thread got.
    var deliveredByMember: [Int] { (0..<rows).map { deliveredTo[$0] } }
}
