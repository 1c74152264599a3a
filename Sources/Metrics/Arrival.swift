/// What became of one datagram that a window was shown.
///
/// Only `inTime` and `late` are first copies; only they and `duplicate` take part in the figures.
/// The other four are counted apart and change no other figure (design §6).
package enum Arrival: Int, Sendable, CaseIterable {
    /// The first copy, within the timeout.
    case inTime
    /// The first copy, after the timeout but while the window still remembered its probe.
    case late
    /// Another copy of a probe whose first copy is known.
    case duplicate
    /// A sequence number that was never sent: too high, or before the first.
    case fromFuture
    /// A sequence number whose slot has been reused: first copy or not can no longer be told.
    case beyondWindow
    /// The stamp differs from the recorded send time, or lies absurdly far back.
    case corrupt
    /// Received before it was sent: no delay is recorded for it, neither 0 nor 2^64.
    case impossible
}
