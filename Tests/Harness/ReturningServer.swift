/// A server in Python that returns what it receives: a program under test that udplab does not
/// know.
package enum ReturningServer {
    /// Writes the server into a folder.
    /// - Parameters:
    ///   - count: The datagrams after which it reads no more; nil for all, into a large buffer.
    ///   - place: The keys of the plan that say where it runs.
    /// - Returns: The responder of a plan that starts it.
    package static func responder(
        in directory: TemporaryDirectory, count: Int? = nil,
        place: String = #""address": "127.0.0.1:0""#
    ) throws -> String {
        try directory.write("server.py", script)
        let words =
            [Program.python ?? "python3", "\(directory.path)/server.py", "{host}", "{port}"]
            + (count.map { ["\($0)"] } ?? [])
        let texts = words.map { "\"\($0)\"" }.joined(separator: ", ")
        return "{ \"command\": [\(texts)], \(place) }"
    }

    private static let script = """
        import socket, sys, time
        family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
        server = socket.socket(family, socket.SOCK_DGRAM)
        count = int(sys.argv[3]) if len(sys.argv) > 3 else -1
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20 if count < 0 else 4096)
        server.bind((sys.argv[1], int(sys.argv[2])))
        while count:
            data, peer = server.recvfrom(65536)
            server.sendto(data, peer)
            count -= 1
        time.sleep(600)
        """
}
