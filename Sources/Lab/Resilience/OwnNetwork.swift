import Datagrams
import Glibc
import Workers

/// A network of a battery's own in which every IPv4 address is this host's, so that an answer to
/// whatever fixed address arrives and can be seen: network_namespaces(7), and a route of type
/// `local` for all addresses (ip-route(8)). It needs root and ip(8), and ends with the last process
/// and descriptor that it has.
struct OwnNetwork {
    private let namespace: NetworkNamespace

    /// The calling thread is in it afterwards, for good.
    ///
    /// - Throws: When this process may not make one.
    init() throws(SystemFailure) {
        namespace = try NetworkNamespace.enterAnother()
        do throws(SystemFailure) {
            try SystemProgram.run(["ip", "route", "add", "local", "0.0.0.0/0", "dev", "lo"])
        } catch {
            release()
            throw error
        }
    }

    /// No further worker can be started there.
    func release() { close(namespace.descriptor) }

    /// What a worker is told that starts its program there.
    var options: [String] { [Worker.joinOption, "\(getpid()):\(namespace.descriptor)"] }
}
