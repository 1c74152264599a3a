/// The number of datagrams with each outcome.
package struct ArrivalCounts: Sendable, Equatable {
    package var inTime = 0
    package var late = 0
    package var duplicate = 0
    package var fromFuture = 0
    package var beyondWindow = 0
    package var corrupt = 0
    package var impossible = 0

    package init() {}

    /// The number of datagrams.
    package var total: Int {
        inTime + late + duplicate + fromFuture + beyondWindow + corrupt + impossible
    }

    package mutating func add(_ arrival: Arrival, count: Int = 1) {
        switch arrival {
        case .inTime: inTime += count
        case .late: late += count
        case .duplicate: duplicate += count
        case .fromFuture: fromFuture += count
        case .beyondWindow: beyondWindow += count
        case .corrupt: corrupt += count
        case .impossible: impossible += count
        }
    }

    package mutating func add(_ other: ArrivalCounts) {
        inTime += other.inTime
        late += other.late
        duplicate += other.duplicate
        fromFuture += other.fromFuture
        beyondWindow += other.beyondWindow
        corrupt += other.corrupt
        impossible += other.impossible
    }
}
