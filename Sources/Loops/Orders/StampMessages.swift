import Load
import Metrics

/// The order to a sender to send STAMP packets: the settings, and what only the run knows.
package struct StampOrder: Codable, Sendable {
    package var settings: StampSettings
    /// Whether the numbers of the answers are to tell the loss by direction. udplab's own responder
    /// reports its counts itself.
    package var splitsLoss = true
    /// Whether the reflector reads the same clock.
    package var sharesClock = false
    /// Whether the wall time of the sender's timestamps is that of its own host's clock.
    package var hasOwnClock = true

    package init(_ settings: StampSettings) { self.settings = settings }
}

/// A sender's knowledge of its STAMP sessions, for all of its flows.
package struct StampResult: Codable, Sendable, Equatable {
    /// Whether the reflector counts the answers of each session; nil if nothing shows it.
    package var isStateful: Bool?
    /// The losses by direction; nil if the numbers of the answers do not tell.
    package var forwardLost: Int?
    package var backwardLost: Int?
    /// The part of the answers that tells the losses by direction; nil if none does.
    package var splitBy: LossSplit?
    /// The flows whose losses by direction the answers do not tell.
    package var untoldFlows = 0
    /// Of these, the flows whose numbers may go on from those of the warm-up.
    package var continuedFlows = 0
    /// The flows of which numbers and counters tell different losses.
    package var contradictoryFlows = 0
    /// The facts that the reflector was asked for; nil if it was asked for none.
    package var facts: ReflectedFacts?
    /// The largest error that the reflector's clock states; nil if it is not synchronized.
    package var farErrorNs: Int64?
    package var ownErrorNs: Int64?
    /// The answers whose times contradict each other.
    package var absurd = 0
    package var oneWay: OneWayDelays
}
