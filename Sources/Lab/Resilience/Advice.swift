/// Sentences for the author of a server that several trials share, in the terms of the language
/// that its command shows.
struct Advice: Sendable {
    let language: ProgramLanguage?

    /// Returns ` (words)` if there are words for the language, otherwise nothing.
    private func own(_ words: [ProgramLanguage: String]) -> String {
        language.flatMap { words[$0] }.map { " (\($0))" } ?? ""
    }

    // MARK: - Whom to answer

    private var reply: String {
        own([
            .python: "`data, sender = sock.recvfrom(65535)`, then `sock.sendto(data, sender)`",
            .node: "`socket.on(\"message\", (data, sender) => socket.send(data, sender.port, "
                + "sender.address))`",
            .java: "`socket.receive(packet)`, then `socket.send(packet)`: a received packet has "
                + "its sender's address",
            .go: "`n, sender, err := conn.ReadFrom(buffer)`, then `conn.WriteTo(buffer[:n], "
                + "sender)`",
            .rust: "`let (n, sender) = socket.recv_from(&mut buffer)?`, then "
                + "`socket.send_to(&buffer[..n], sender)?`",
            .c: "`n = recvfrom(fd, buffer, sizeof buffer, 0, sender, &size)`, then `sendto(fd, "
                + "buffer, n, 0, sender, size)`",
        ])
    }

    var replyToSender: String {
        "answer the address that came with the datagram\(reply), not a fixed one"
    }

    var keepAddress: String {
        "keep the address with its datagram: an address belongs to the datagram that it came with "
            + "alone, not in a variable that the next one overwrites\(reply)"
    }

    var noConnect: String {
        "do not connect() the server's socket to its first peer: it then takes datagrams from no "
            + "other; answer the address that came with each datagram\(reply)"
    }

    var answerEach: String {
        "answer every datagram: receive one, send the answer, and receive the next\(reply)"
    }

    static let serveEvery =
        "serve every source: no table of peers that fills up, no limit on sources below the ports "
        + "of one host, no source that is passed over"

    static let shareEvery =
        "sockets that share a port (SO_REUSEPORT) share its sources too, each source always with "
        + "the same socket: watch over the workers, and close the socket of one that does not read"

    // MARK: - What to answer

    var keepPayload: String {
        let copy = own([
            .python: "`data = bytes(buffer[:n])`",
            .node: "the Buffer of the event itself, or `Buffer.from(data)`",
            .java: "a new byte[] and DatagramPacket for each receive",
            .go: "`append([]byte(nil), buffer[:n]...)`",
            .rust: "`buffer[..n].to_vec()`",
            .c: "a buffer for each thread and each answer that is still to leave",
        ])
        return "keep the payload with its datagram: a buffer or variable that datagrams share is "
            + "overwritten by the next one before the answer has left; give each its own\(copy)"
    }

    var bytes: String {
        let words = own([
            .python: "`sock.sendto(data, sender)`, and no `decode()` of what is sent",
            .node: "the Buffer itself, not `data.toString()`",
            .java: "the byte[] itself, not `new String(…)`",
            .rust: "the slice itself, not `from_utf8_lossy`",
        ])
        return "it decodes its input as text: echo the bytes as they came\(words), and decode only "
            + "a copy, where an error of that ends nothing else"
    }

    var buffer: String {
        let words = own([
            .python: "`sock.recvfrom(65535)`", .java: "`new byte[65535]`",
            .go: "`make([]byte, 65535)`", .rust: "`[0u8; 65535]`", .c: "`char buffer[65535]`",
        ])
        return "the receive buffer is too small; 65,535 is safe\(words)"
    }

    var length: String {
        let words = own([
            .python: "`len(data)`", .node: "`data.length`", .java: "`packet.getLength()`",
            .go: "`buffer[:n]`", .rust: "`&buffer[..n]`",
            .c: "the n that recvfrom returned, not strlen",
        ])
        return "answer with as many bytes as the receiving call returned\(words), not up to a NUL "
            + "or a line end, and strip nothing"
    }

    /// The advice for a server whose receive length depends on earlier datagrams.
    var fullSize: String {
        let words = own([
            .python: "`sock.recvfrom(65535)`, never the length of what came",
            .java: "`packet.setLength(buffer.length)` before each receive: a packet keeps the "
                + "length of what it received last",
            .go: "read into `buffer`, and send `buffer[:n]`: never `buffer = buffer[:n]`",
            .rust: "send `&buffer[..n]`, and never `buffer.truncate(n)`",
            .c: "`sizeof buffer`, never the n of the call before",
        ])
        return "receive with the whole buffer each time\(words): the length of one datagram must "
            + "not limit the next"
    }

    // MARK: - Errors

    private var loop: String {
        own([
            .python: "`while True: try: … except …: continue`",
            .node: "a `try` inside the \"message\" listener, an \"error\" listener that goes on, "
                + "a callback for `send`",
            .java: "`while (true) { try { … } catch (IOException e) { continue; } }`",
            .go: "`for { n, sender, err := conn.ReadFrom(buffer); if err != nil { continue }; … }`",
            .rust: "`loop { match socket.recv_from(&mut buffer) { Ok(…) => …, Err(_) => continue } "
                + "}`, no `?` and no `unwrap()`",
            .c: "`for (;;) { n = recvfrom(…); if (n < 0) continue; … }`",
        ])
    }

    /// The construct of the language that handles errors.
    private var handler: String {
        switch language {
        case .python, .node, .java, nil: "try"
        case .go, .rust, .c: "check for errors"
        }
    }

    var survive: String {
        "let no datagram end the loop: handle the error of one datagram inside the loop and go on "
            + "with the next\(loop)"
    }

    var repeatsStep: String {
        "its error handler repeats the step once, outside the \(handler), so a second error in a "
            + "row ends it: put the \(handler) inside the loop\(loop)"
    }

    var repeatsLoop: String {
        "its error handler repeats the loop only once: put the \(handler) inside the loop\(loop)"
    }

    var callsItself: String {
        "its error handler calls itself, or gives up after so many: put the \(handler) inside the "
            + "loop\(loop)"
    }

    var reset: String {
        let name = own([
            .python: "ConnectionRefusedError", .node: "`error.code === \"ECONNREFUSED\"`",
            .java: "PortUnreachableException", .go: "`errors.Is(err, syscall.ECONNREFUSED)`",
            .rust: "`ErrorKind::ConnectionRefused`",
        ])
        return "an answer to a closed port comes back as an error of the next call (ECONNREFUSED; "
            + "on Windows WSAECONNRESET, 10054): catch it inside the loop\(name) and go on"
    }

    var portZero: String {
        let name = own([
            .python: "OSError of sendto", .node: "ERR_SOCKET_BAD_PORT, which `send` throws",
            .java: "IllegalArgumentException or IOException", .go: "`err` of WriteTo",
            .rust: "`Err` of send_to", .c: "EINVAL of sendto",
        ])
        return "nothing can be sent to port 0, and whoever forges packets can send from it: drop "
            + "such a datagram, or let the error of its answer end nothing\(name)"
    }

    // MARK: - Buffers of the kernel

    var socketBuffer: String {
        let call = own([
            .python: "`sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, bytes)`",
            .node: "`socket.setRecvBufferSize(bytes)`",
            .java: "`socket.setReceiveBufferSize(bytes)`", .go: "`conn.SetReadBuffer(bytes)`",
        ])
        return "ask for a larger receive buffer\(call) (SO_RCVBUF, up to net.core.rmem_max), and "
            + "read in a thread that does nothing else"
    }
}
