import Metrics

/// The messages that the members of one thread received: a bit for every member, speaker and
/// message, so that each delivery is counted once, whatever is duplicated or late. All memory is
/// allocated in `init`: members² × messages bits, over all threads.
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

    /// Makes an empty matrix.
    /// - Parameters:
    ///   - rows: The members that this thread serves.
    ///   - speakers: The number of all members.
    ///   - messages: The maximum number of messages per member.
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

    /// Records that message `number` (from 0) of `speaker` arrived at the member of this row.
    /// - Returns: `false` if the speaker does not send so many messages.
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

    /// The first copies that each member of this thread received.
    var deliveredByMember: [Int] { (0..<rows).map { deliveredTo[$0] } }
}
