import Datagrams
import Synchronization

@testable import Loops
@testable import Terminal

/// The stand-alone echo server on a thread of its own.
final class ServerThread: @unchecked Sendable {
    // `server` is touched by the thread alone between start and join.
    let address: SocketAddress
    private var server: EchoServer
    private let isOver = Atomic<Bool>(false)
    private var running: DataThread?

    init() throws {
        guard let any = SocketAddress(numeric: "127.0.0.1:0") else { preconditionFailure() }
        server = try EchoServer(address: any)
        address = server.address
        running = try DataThread.start(name: "echo", cpu: nil) {
            do throws(HostFault) {
                try self.server.serve { !self.isOver.load(ordering: .relaxed) }
            } catch {
                preconditionFailure("\(error)")
            }
        }
    }

    func end() -> EchoServer.Counts {
        isOver.store(true, ordering: .relaxed)
        running?.join()
        return server.counts
    }
}
