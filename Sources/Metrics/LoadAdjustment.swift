/// The type-B load rate adjustment of RFC 9097: from each feedback message to the row of the table
/// that is offered next. The pseudocode is that of Appendix A, with its names in parentheses.
package struct LoadAdjustment: Sendable, Equatable {
    /// The numbers of Table 1 in RFC 9097 §8.1.
    package enum Defaults {
        /// The sequence errors of a message above which it is one of congestion (`seqErrThresh`).
        package static let sequenceErrors = 10
        /// The delay ranges below which the load goes up (`lowThresh`), and above which it goes
        /// down (`upperThresh`).
        package static let (delayLowNs, delayHighNs): (Int64, Int64) = (30_000_000, 90_000_000)
        /// The messages in a row from which congestion is inferred (`slowAdjThresh`).
        package static let slowMessages = 3
        /// The rows of a step up before congestion (`highSpeedDelta`).
        package static let fastRows = 10
    }

    /// The row that is offered (`Rx`).
    package private(set) var row: Int
    /// The messages of congestion (`slowAdjCount`). An increase before congestion was inferred sets
    /// it back to 0, so that these follow one another; later none does.
    package private(set) var slowCount = 0
    private let rates: LoadRates

    package init(rates: LoadRates, firstRow: Int = 0) {
        precondition((0...rates.last).contains(firstRow), "a row of the table")
        self.rates = rates
        row = firstRow
    }

    /// Whether congestion was inferred at any time.
    package var isCongested: Bool { slowCount >= Defaults.slowMessages }

    /// Takes the sequence errors of a message, which are lost, reordered and duplicate datagrams,
    /// and the range of its delays.
    package mutating func take(sequenceErrors: Int, delayRangeNs: Int64) {
        let isInOrder = sequenceErrors <= Defaults.sequenceErrors
        if isInOrder, delayRangeNs < Defaults.delayLowNs {
            if row < LoadRates.highSpeedRow, slowCount < Defaults.slowMessages {
                row += Defaults.fastRows
                slowCount = 0
            } else {
                row += 1
            }
            row = min(row, rates.last)
        } else if !isInOrder || delayRangeNs > Defaults.delayHighNs {
            takeCongestion()
        }
    }

    /// Takes a message of congestion, or the lack of messages for the Lost Status Backoff timeout.
    package mutating func takeCongestion() {
        slowCount += 1
        let isFirst = slowCount == Defaults.slowMessages && row < LoadRates.highSpeedRow
        row = max(0, row - (isFirst ? 3 * Defaults.fastRows : 1))
    }
}
