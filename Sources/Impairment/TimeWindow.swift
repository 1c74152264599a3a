/// A part of a run: from `fromNs`, included, to `untilNs`, excluded, relative to the start of the
/// run.
package struct TimeWindow: Codable, Sendable, Equatable {
    package var fromNs: Int64
    package var untilNs: Int64

    package init(fromNs: Int64, untilNs: Int64) {
        self.fromNs = fromNs
        self.untilNs = untilNs
    }

    package func contains(_ timeNs: Int64) -> Bool { fromNs <= timeNs && timeNs < untilNs }
}

extension [TimeWindow] {
    /// Whether one of the windows is open. A linear search is fast enough for the few windows.
    package func contain(_ timeNs: Int64) -> Bool {
        for window in self where window.contains(timeNs) { return true }
        return false
    }
}
