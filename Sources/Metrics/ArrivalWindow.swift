/// The far side's window of one flow (echo responder and sink): knows only arrivals.
package struct ArrivalWindow: ~Copyable {
    /// First copies so far.
    package private(set) var uniqueCount = 0
    /// Further copies so far.
    package private(set) var duplicateCount = 0

    package init(capacity: Int, firstSequence: UInt64, timeoutNs: Int64) {}

    package mutating func recordArrival(
        wireSequence: UInt32, stampNs: Int64?, receivedNs: Int64,
        into statistics: inout StreamStatistics
    ) -> Arrival { .inTime }

    package mutating func recordArrivals(
        wireSequence: UInt32, count: Int, stampNs: Int64?, receivedNs: Int64,
        into statistics: inout StreamStatistics
    ) -> ArrivalCounts { ArrivalCounts() }

    package mutating func close(sent: UInt64, into statistics: inout StreamStatistics) {}
}
