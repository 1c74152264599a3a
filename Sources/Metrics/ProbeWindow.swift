/// The sender's sequence window of one flow: knows what was sent, when, and what became of it.
package struct ProbeWindow: ~Copyable {
    /// The next sequence number to be sent; the wire carries its low 32 bits.
    package private(set) var nextSequence: UInt64

    package init(
        capacity: Int, firstSequence: UInt64, timeoutNs: Int64, hasIntendedTimes: Bool
    ) {
        nextSequence = firstSequence
    }

    package var outstanding: Int { 0 }

    package mutating func assumeLost() {}

    package func hasRoom(for count: Int, nowNs: Int64) -> Bool { true }

    package mutating func recordSent(
        count: Int, sentNs: Int64, intendedNs: Int64, intendedStepNs: Int64 = 0,
        into statistics: inout StreamStatistics
    ) {}

    package mutating func recordArrival(
        wireSequence: UInt32, stampNs: Int64, receivedNs: Int64,
        into statistics: inout StreamStatistics
    ) -> Arrival { .inTime }

    package mutating func recordArrivals(
        wireSequence: UInt32, count: Int, stampNs: Int64, receivedNs: Int64,
        into statistics: inout StreamStatistics
    ) -> ArrivalCounts { ArrivalCounts() }

    package mutating func close(into statistics: inout StreamStatistics) {}
}
