import Metrics
import STAMP

/// The sessions of a stream of STAMP packets (RFC 8762), as their answers tell them.
package struct StampReport: Codable, Sendable, Equatable {
    /// Whether the reflector counts the answers of each session; nil if nothing shows it.
    package var stateful: Bool?
    /// The part of the answers that splits the loss by direction; nil if none does.
    package var lossSplitBy: LossSplit?
    /// The flows with losses whose direction the answers do not tell.
    package var untoldFlows: Int
    /// The flows of which numbers and counters tell different losses; nil in older reports.
    package var contradictoryFlows: Int?
    /// The answers whose times contradict each other.
    package var absurd: Int
    /// The errors that both clocks state; nil for a clock that is not synchronized.
    package var ownErrorNs: Int?
    package var farErrorNs: Int?
    /// The reason why there are no one-way delays; nil with delays.
    package var absence: OneWayDelays.Absence?
    /// The facts that the reflector was asked for; nil if it was asked for none.
    package var extensions: Facts?

    package init(
        stateful: Bool?, untoldFlows: Int, absurd: Int, ownErrorNs: Int?, farErrorNs: Int?,
        oneWay: OneWayDelays
    ) {
        self.stateful = stateful
        self.untoldFlows = untoldFlows
        self.absurd = absurd
        self.ownErrorNs = ownErrorNs
        self.farErrorNs = farErrorNs
        absence = oneWay.absence
    }

    /// The TLVs of the answers (RFC 8972 §4).
    package struct Facts: Codable, Sendable, Equatable {
        /// The answers by the state of their TLVs: see ``ExtensionCounts``.
        package var told: Int
        package var unrecognized: Int
        package var malformed: Int
        package var unauthentic: Int
        package var altered: Int
        package var codepointRefused: Int
        /// The reflector's timestamps; nil if it does not tell, or by a value of its own.
        package var syncSourceIn: SynchronizationSource?
        package var timestampMethodIn: TimestampingMethod?
        package var syncSourceOut: SynchronizationSource?
        package var timestampMethodOut: TimestampingMethod?

        package init(_ counts: ExtensionCounts, _ timestamping: ReflectorTimestamping?) {
            told = counts.told
            unrecognized = counts.unrecognized
            malformed = counts.malformed
            unauthentic = counts.unauthentic
            altered = counts.altered
            codepointRefused = counts.codepointRefused
            guard let timestamping else { return }
            syncSourceIn = SynchronizationSource(code: timestamping.sourceIn)
            timestampMethodIn = TimestampingMethod(code: timestamping.methodIn)
            syncSourceOut = SynchronizationSource(code: timestamping.sourceOut)
            timestampMethodOut = TimestampingMethod(code: timestamping.methodOut)
        }
    }
}
