/// The stage at which a relay lost sight of a probe, or altered it.
package enum RelayFate: Int, Sendable, CaseIterable {
    /// No copy of the probe reached the relay.
    case neverArrived
    /// Every copy was dropped on the way forward; only altered copies were forwarded; a copy was
    /// still held at the end.
    case dropped, altered, held
    /// The same of the answer.
    case answerDropped, answerAltered, answerHeld
}

/// The probes that did not pass a relay unaltered both ways: runs of consecutive sequence numbers
/// of one flow with one fate, up to a capacity for each stream. Nothing is allocated after `init`.
package struct RelayLosses: Codable, Sendable, Equatable {
    /// Four numbers a run: the flow among those of all streams, the first sequence number, the
    /// number of probes, the fate.
    private var numbers: [Int] = []
    /// Whether runs of a stream were left out, by stream.
    package private(set) var areLeftOut: [Bool]
    /// The number above the highest sequence number that reached the relay, by flow.
    package internal(set) var ends: [Int] = []
    private var room: [Int]

    package struct Run: Sendable, Equatable {
        package var flow: Int
        package var first: Int
        package var count: Int
        package var fate: RelayFate
    }

    /// - Parameter room: The capacity in runs, by stream.
    init(room: [Int]) {
        self.room = room
        areLeftOut = room.map { _ in false }
        numbers.reserveCapacity(4 * room.reduce(0, +))
    }

    mutating func add(_ run: Run, ofStream stream: Int) {
        guard room[stream] > 0 else {
            areLeftOut[stream] = true
            return
        }
        room[stream] -= 1
        numbers.append(run.flow)
        numbers.append(run.first)
        numbers.append(run.count)
        numbers.append(run.fate.rawValue)
    }

    /// The runs; those of a flow ascend.
    package var runs: [Run] {
        stride(from: 0, to: numbers.count - 3, by: 4).compactMap { start in
            RelayFate(rawValue: numbers[start + 3]).map { fate in
                Run(
                    flow: numbers[start], first: numbers[start + 1], count: numbers[start + 2],
                    fate: fate)
            }
        }
    }
}
