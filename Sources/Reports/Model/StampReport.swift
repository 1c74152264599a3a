import Metrics

/// The sessions of a stream of STAMP packets (RFC 8762), as their answers tell them.
package struct StampReport: Codable, Sendable, Equatable {
    /// Whether the reflector counts the answers of each session; nil if nothing shows it.
    package var stateful: Bool?
    /// The flows with losses whose direction the numbers of the answers do not tell.
    package var untoldFlows: Int
    /// The answers whose times contradict each other.
    package var absurd: Int
    /// The errors that both clocks state; nil for a clock that is not synchronized.
    package var ownErrorNs: Int?
    package var farErrorNs: Int?
    /// The reason why there are no one-way delays; nil with delays.
    package var absence: OneWayDelays.Absence?

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
}
