import Datagrams
import Glibc

/// The client of a connection: its socket, and the state of its visit. It belongs to the server's
/// thread.
final class Visitor {
    let descriptor: Int32
    let beganNs: Int64
    var visit: Visit

    init(_ descriptor: Int32, atNs now: Int64) {
        self.descriptor = descriptor
        beganNs = now
        visit = Visit(atNs: now)
    }

    deinit { close(descriptor) }

    var events: Int16 {
        (visit.hasEnded ? 0 : Int16(POLLIN)) | (visit.hasOutput ? Int16(POLLOUT) : 0)
    }

    /// Receives what has arrived, at most a buffer full.
    /// - Returns: The outcome of the request, once it is known.
    func receive(
        _ buffer: inout [UInt8], atNs now: Int64
    ) -> RequestReader.Outcome? {
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count > 0 { return visit.receive(buffer[..<count], atNs: now) }
        if count == 0 {
            visit.receiveEnd()
        } else if errno != EAGAIN && errno != EINTR {
            visit.fail()
        }
        return nil
    }

    /// Sends as much as the socket takes.
    func send(atNs now: Int64) {
        while visit.hasOutput {
            let count = visit.withOutput {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else {
                if errno != EAGAIN && errno != EINTR { visit.fail() }
                return
            }
            if visit.sent(count, atNs: now) { shutdown(descriptor, Int32(SHUT_WR)) }
        }
    }
}
