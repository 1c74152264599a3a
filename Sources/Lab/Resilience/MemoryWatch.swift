import Reports

/// Watches the memory of a server under a steady load: whether it settles or grows.
struct MemoryWatch {
    /// The memory that allocators may take until a steady state.
    private static let slackBytes = 2 << 20
    /// The first part of the samples, as a divisor, which is not judged.
    private static let warmPart = 3

    private var samples: [Int] = []

    mutating func sample(_ bytes: Int?) {
        if let bytes { samples.append(bytes) }
    }

    /// The text `11.2 MiB, then 11.3 MiB`; nil without samples.
    var text: String? {
        guard let first = samples.first, let last = samples.last else { return nil }
        return "memory \(Self.mebibytes(first)) at first, \(Self.mebibytes(last)) at last"
    }

    private static func mebibytes(_ bytes: Int) -> String {
        let tenths = (bytes * 10 + (1 << 19)) >> 20
        return "\(tenths / 10).\(tenths % 10) MiB"
    }

    /// The growth after the warm part, if it was continuous: each quarter of the rest is above the
    /// one before by a tenth of the whole, and the whole is more than an allocator's slack. A
    /// single step affects two quarters at most.
    var growthBytes: Int? {
        let steady = Array(samples.dropFirst(samples.count / Self.warmPart))
        guard steady.count >= 8, let first = steady.first, let last = steady.last,
            last - first > Self.slackBytes
        else { return nil }
        let quarter = steady.count / 4
        let means = (0..<4).map { part in
            steady[(part * quarter)..<((part + 1) * quarter)].reduce(0, +) / quarter
        }
        let whole = means[3] - means[0]
        guard zip(means, means.dropFirst()).allSatisfy({ $1 - $0 > whole / 10 }) else { return nil }
        return last - first
    }
}
