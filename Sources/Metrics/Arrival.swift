/// The outcome of a datagram that a window has recorded.
///
/// Only `inTime` and `late` are first copies; only they and `duplicate` take part in the figures.
/// The other four are counted separately and change no other figure.
package enum Arrival: Int, Sendable, CaseIterable {
    /// The first copy, within the timeout.
    case inTime
    /// The first copy, after the timeout but while its probe was still in the window.
    case late
    /// Another copy of a probe whose first copy is known.
    case duplicate
    /// A sequence number that was never sent: too high, or before the first.
    case fromFuture
    /// A sequence number whose slot has been reused: whether it is a first copy is unknown.
    case beyondWindow
    /// The stamp differs from the recorded send time, or lies absurdly far back.
    case corrupt
    /// Received before its send time: no delay is recorded, neither 0 nor 2^64.
    case impossible
}
