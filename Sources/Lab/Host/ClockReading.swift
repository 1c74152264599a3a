import Datagrams
import Glibc
import Metrics

/// Reads the statement of this host about its own clocks: chrony's where chronyc(1) has it, else
/// the kernel's (adjtimex(2)).
enum ClockReading {
    private static let words = ["chronyc", "-c", "-n", "tracking"]
    /// The places at which chronyd(8) takes questions: the file for its own user and root, and
    /// the port for everybody on this host.
    private static let socket = "/run/chrony/chronyd.sock"
    private static let port = SocketAddress(numericHost: "127.0.0.1", port: 323)

    /// The words that ask chrony; nil where nothing would answer, as chronyc then sends datagrams
    /// over loopback in vain.
    private static var question: [String]? {
        guard SystemProgram.path(words[0]) != nil else { return nil }
        if access(socket, R_OK | W_OK) == 0 { return words + ["-h", socket] }
        let sockets = port.flatMap { PortUse.load(on: $0)?.sockets } ?? 0
        return sockets > 0 ? words : nil
    }

    /// Returns the statement. Blocks until chronyc has ended, where it is installed.
    static func statement() -> ClockStatement {
        var statement = ClockStatement(wallAheadNs: 0, readErrorNs: 0)
        statement.take(kernel: WallTime.errors())
        if let words = question, let text = try? SystemProgram.run(words) {
            _ = statement.take(chrony: text)
        }
        let anchor = WallTime.anchor()
        (statement.wallAheadNs, statement.readErrorNs) = (anchor.ns, anchor.errorNs)
        return statement
    }
}
