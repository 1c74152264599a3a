import Datagrams
import Metrics

/// What this host states about its own clocks: chrony's word where chronyc(1) has it, else the
/// kernel's (adjtimex(2)).
enum ClockReading {
    private static let words = ["chronyc", "-c", "-n", "tracking"]

    /// Returns the statement. Blocks until chronyc has ended, where it is installed.
    static func statement() -> ClockStatement {
        var statement = ClockStatement(wallAheadNs: 0, readErrorNs: 0)
        statement.take(kernel: WallTime.errors())
        if let program = words.first, SystemProgram.path(program) != nil,
            let text = try? SystemProgram.run(words)
        {
            _ = statement.take(chrony: text)
        }
        let anchor = WallTime.anchor()
        (statement.wallAheadNs, statement.readErrorNs) = (anchor.ns, anchor.errorNs)
        return statement
    }
}
