import Metrics
import Plans
import Reports

/// A run with an adjusted load as evidence: what its maximum says of the path.
struct CapacityReading: Sendable {
    let limit: SearchReport.Limit
    /// A reason for doubt that the verdict of the run does not have yet; nil without one.
    let sentence: String?

    init(_ test: CapacityTest, _ run: Judged<RunReport>, _ stream: StreamReport) {
        let worst = run.judgement.verdict
        let isHost = run.judgement.causes.contains { $0.verdict == .inconclusive }
        let sentence = Self.doubt(test, stream)
        self.sentence = sentence
        if [.aborted, .invalid, .incomplete].contains(worst) || test.ending == .noArrivals {
            limit = .broken
        } else if isHost || sentence != nil {
            limit = .host
        } else if test.best == nil {
            limit = .none
        } else if test.wasHeldAtEnd {
            limit = .path
        } else {
            limit = test.adjustment.row == test.settings.rates.last ? .plan : .budget
        }
    }

    /// Returns what this host did to the feedback, or to the datagrams that steered it.
    private static func doubt(_ test: CapacityTest, _ stream: StreamReport) -> String? {
        if test.ending == .noArrivals {
            return "nothing arrived for "
                + "\(UnitText.time(ns: Int(CapacityTest.loadTimeoutNs))), which ended the load"
        }
        if test.ending == .silence {
            return "the receiver sent no counts for "
                + "\(UnitText.time(ns: Int(CapacityTest.silenceNs))), which ended the load: this "
                + "host's processors were the limit"
        }
        let lost = stream.ledger.lostInOwnBuffers
        if lost > LoadAdjustment.Defaults.sequenceErrors {
            return "\(UnitText.count(lost)) datagrams overflowed receive buffers of this host, "
                + "and their loss lowered the load"
        }
        return test.wasBehind
            ? "the receiver could not read as fast as datagrams arrived: this host's processors "
                + "were the limit" : nil
    }
}
