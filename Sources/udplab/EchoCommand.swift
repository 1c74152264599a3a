import ArgumentParser
import Datagrams
import Glibc
import Lab
import Reports
import Workers

struct EchoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "echo",
        abstract: "Answer every datagram with itself (RFC 862).",
        discussion: """
            Examples:
              udplab echo --port 7788
              udplab echo --port 7788 --bind ::1
              udplab echo --port 0            a free port, which is printed

            Answers on 127.0.0.1 unless --bind says otherwise: an echo that strangers can reach \
            reflects what they send to whomever they name. Ctrl-C ends it and prints the counts.
            """)

    @Option(help: "The port; 0 picks a free one.")
    var port: UInt16

    @Option(help: "The address of this host to answer on.")
    var bind = "127.0.0.1"

    func validate() throws { _ = try numericAddress() }

    private func numericAddress() throws(ValidationError) -> SocketAddress {
        guard let address = SocketAddress(numericHost: bind, port: port) else {
            throw ValidationError(
                "\"\(bind)\" is no numeric address; use one of this host such as 127.0.0.1 or ::1")
        }
        return address
    }

    func run() async throws {
        let interruption = Interruption()
        let address = try numericAddress()
        do throws(SystemFailure) {
            try interruption.install()
            var server = try EchoServer(address: address)
            Console.say("answering on \(server.address); Ctrl-C ends it")
            // Nothing else runs in this program, so the one thread may block.
            server.serve { !interruption.isRequested }
            let counts = server.counts
            Console.say(
                "received \(UnitText.count(counts.received)), "
                    + "returned \(UnitText.count(counts.returned)), "
                    + "could not return \(UnitText.count(counts.failed)), "
                    + "dropped by a full buffer \(UnitText.count(server.drops()))")
        } catch {
            Console.say("udplab: \(error)")
            throw ExitCode(ExitStatus.inconclusive.rawValue)
        }
    }
}
