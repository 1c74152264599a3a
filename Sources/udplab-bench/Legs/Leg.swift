/// One side of a comparison: starts its programs, lets them run, and ends them.
protocol Leg {
    /// As it stands in the table: `iperf3`.
    var name: String { get }
    func measure(_ traffic: Traffic, seconds: Int) throws -> LegFigures
}

extension Leg {
    /// For a program that has to end by itself after `seconds` of load: what it needs to start
    /// and to end on a busy machine.
    static func limit(_ seconds: Int) -> Int { seconds + 20 }
    /// For a server to be there.
    static var readySeconds: Int { 10 }
}
