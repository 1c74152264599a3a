import Datagrams
import Glibc
import Workers

/// A network of the battery's own in which every IPv4 address is this host's, so that an answer to
/// any fixed address arrives: network_namespaces(7), and a route of type `local` for all addresses
/// (ip-route(8)). It needs root and ip(8), and ends with its last process and descriptor.
struct OwnNetwork {
    private let namespace: NetworkNamespace

    /// Makes the network and moves the calling thread into it permanently.
    ///
    /// - Throws: If this process is not permitted to make one.
    init() throws(SystemFailure) {
        namespace = try NetworkNamespace.enterAnother()
        do throws(SystemFailure) {
            try SystemProgram.run(["ip", "route", "add", "local", "0.0.0.0/0", "dev", "lo"])
        } catch {
            release()
            throw error
        }
    }

    /// Closes the network, after which no further worker can be started in it.
    func release() { close(namespace.descriptor) }

    /// The options of a worker that starts its program in the network.
    var options: [String] { [Worker.joinOption, "\(getpid()):\(namespace.descriptor)"] }
}
