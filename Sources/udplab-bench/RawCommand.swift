import ArgumentParser
import Datagrams
import Glibc

/// One process of a raw leg, as a worker is one of a run.
struct RawCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "raw", abstract: "A loop without any accounting.", shouldDisplay: false)

    enum Role: String, ExpressibleByArgument { case sender, responder }

    @Argument var role: Role
    @Option var payload: Int
    @Option var segments = 1
    @Option var seconds = 2
    @Option var cpu: Int?
    @Option var target: String?
    @Flag var echo = false

    func validate() throws {
        guard (1...65_507).contains(payload), (1...128).contains(segments),
            payload * segments <= 65_507
        else { throw ValidationError("a buffer holds 1 to 65507 octets") }
        guard (1...3_600).contains(seconds) else { throw ValidationError("1 to 3600 seconds") }
    }

    func run() throws {
        let load = RawLoad(payloadBytes: payload, segments: segments, echoes: echo, cpu: cpu)
        var figures =
            switch role {
            case .sender: try send(load)
            case .responder: try respond(load)
            }
        figures.cpuSeconds = ProcessControl.usage().cpuSeconds
        OutputFile.result(try figures.line())
    }

    private func send(_ load: RawLoad) throws -> RawFigures {
        guard let target = target.flatMap(SocketAddress.init(numeric:)), target.isLoopback else {
            throw ValidationError("--target needs an address of this host")
        }
        return try RawSender(load, target: target, durationNs: Int64(seconds) * 1_000_000_000).run()
    }

    private func respond(_ load: RawLoad) throws -> RawFigures {
        // Blocked before the data thread is made, so that only the wait below takes it.
        var terminate = sigset_t()
        sigemptyset(&terminate)
        sigaddset(&terminate, SIGTERM)
        pthread_sigmask(SIG_BLOCK, &terminate, nil)
        let responder = try RawResponder(load)
        OutputFile.result(try RawFigures(port: Int(responder.start())).line())
        var signal: Int32 = 0
        sigwait(&terminate, &signal)
        return responder.finish()
    }
}
