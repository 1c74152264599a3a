import Reports

/// The memory of a server under a steady load: whether it settles or grows.
struct MemoryWatch {
    /// What allocators take and keep on their way to a steady state.
    private static let slackBytes = 2 << 20
    /// The first part of the samples is the way there.
    private static let warmPart = 3

    private var samples: [Int] = []

    mutating func sample(_ bytes: Int?) {
        if let bytes { samples.append(bytes) }
    }

    /// `11.2 MiB, then 11.3 MiB`; nil without samples.
    var text: String? {
        guard let first = samples.first, let last = samples.last else { return nil }
        return "memory \(Self.mebibytes(first)) at first, \(Self.mebibytes(last)) at last"
    }

    private static func mebibytes(_ bytes: Int) -> String {
        let tenths = (bytes * 10 + (1 << 19)) >> 20
        return "\(tenths / 10).\(tenths % 10) MiB"
    }

    /// How much it grew after the warm part, when it grew all the time: each third of what is
    /// left is above the one before, and the whole is more than an allocator's slack.
    var growthBytes: Int? {
        let steady = Array(samples.dropFirst(samples.count / Self.warmPart))
        guard steady.count >= 6 else { return nil }
        let third = steady.count / 3
        let means = (0..<3).map { part in
            steady[(part * third)..<((part + 1) * third)].reduce(0, +) / third
        }
        guard means[0] < means[1], means[1] < means[2],
            let first = steady.first, let last = steady.last, last - first > Self.slackBytes,
            // A step that was taken once is no growth.
            Double(means[1] - means[0]) > 0.2 * Double(means[2] - means[0]),
            Double(means[2] - means[1]) > 0.2 * Double(means[2] - means[0])
        else { return nil }
        return last - first
    }
}
