/// A side of a comparison: starts its programs, lets them run, and ends them.
protocol Leg {
    /// The name in the table: `iperf3`.
    var name: String { get }
    func measure(_ traffic: Traffic, seconds: Int) throws -> LegFigures
}

extension Leg {
    /// Returns the time limit of a program that ends by itself after `seconds` of load: with the
    /// time to start and to end on a busy machine.
    static func limit(_ seconds: Int) -> Int { seconds + 20 }
    /// The time limit for a server to start.
    static var readySeconds: Int { 10 }
}
