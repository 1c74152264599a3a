/// What one way of a simulated network does to what crosses it: probabilities per datagram.
struct Weather {
    var loss = 0.0
    /// Each copy brings another with this probability.
    var duplicate = 0.0
    /// One bit is flipped somewhere.
    var corrupt = 0.0
    /// The end is cut off.
    var truncate = 0.0
    /// A copy takes `lateNs` longer.
    var late = 0.0
    var delayNs: ClosedRange<Int64> = 20_000...20_000
    var lateNs: Int64 = 0

    static let clear = Weather()
}
