/// The probes that each part of a stream's flows sent and lost, in bins of time, so that the losses
/// during a disturbance can be computed once its times are known.
///
/// Probes are counted by send time; a probe without an answer in time is lost. The size is fixed:
/// part after part, with a pair of counts per bin.
package struct PartLosses: Codable, Sendable, Equatable {
    /// The numbers of parts and bins.
    package struct Grid: Codable, Sendable, Equatable {
        package static let binsLimit = 1_000
        package static let leastBinNs: Int64 = 10_000_000

        package var parts: Int
        package var binNs: Int64
        package var bins: Int

        /// Makes bins of 10 ms, or longer so that `durationNs` fits into 1,000 of them.
        package init(parts: Int, durationNs: Int64) {
            self.parts = parts
            let fitting = durationNs / Int64(Self.binsLimit) + 1
            binNs = max(Self.leastBinNs, fitting)
            bins = Int(durationNs / binNs) + 1
        }
    }

    package let grid: Grid
    package let startNs: Int64
    package private(set) var sent: [Int]
    package private(set) var lost: [Int]

    package init(_ grid: Grid, startNs: Int64) {
        precondition(grid.parts > 0 && grid.bins > 0 && grid.binNs > 0, "a part and a bin")
        self.grid = grid
        self.startNs = startNs
        sent = Array(repeating: 0, count: grid.parts * grid.bins)
        lost = sent
    }

    package mutating func recordSent(_ count: Int, part: Int, atNs timeNs: Int64) {
        sent[index(part, timeNs)] += count
    }

    package mutating func recordLost(part: Int, sentNs: Int64) {
        lost[index(part, sentNs)] += 1
    }

    /// Returns the index of a time; times out of range are in the first or the last bin.
    private func index(_ part: Int, _ timeNs: Int64) -> Int {
        let bin = Int(max(0, timeNs - startNs) / grid.binNs)
        return part * grid.bins + min(bin, grid.bins - 1)
    }

    /// Adds the counts of another thread.
    package mutating func merge(_ other: PartLosses) {
        precondition(grid == other.grid, "only equal grids can be merged")
        for index in sent.indices {
            sent[index] += other.sent[index]
            lost[index] += other.lost[index]
        }
    }
}
