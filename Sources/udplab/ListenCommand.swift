import ArgumentParser
import Datagrams
import Glibc
import JSON
import Lab
import Loops
import Reports

struct ListenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "listen",
        abstract: "Show every datagram received, and answer none.",
        discussion: """
            Examples:
              udplab listen --port 7788
              udplab listen --port 7788 --bind 0.0.0.0 --hex
              udplab listen --port 7788 --bind 239.1.1.1 --interface eth0
              udplab listen --port 0 --count 3 --json | jq .text
              udplab listen --port 7788 --encoding GBK

            Prints a line per datagram: time of day (local, or --utc), source, size, content, with \
            unprintable characters escaped. Ends by Ctrl-C, or after --count.
            """)

    @OptionGroup var place: ListenOptions

    @Option(
        help: ArgumentHelp(
            "The interface on which a multicast group of --bind is joined.",
            discussion: "Without it the kernel chooses by its routes.", valueName: "name"))
    var interface: String?

    @Flag(help: "Show the bytes as hexadecimal digits.")
    var hex = false

    @OptionGroup var clock: ClockOption
    @OptionGroup var encoding: EncodingOption

    @Option(help: ArgumentHelp("End after this many datagrams.", valueName: "number"))
    var count: Int?

    @Flag(
        help: """
            Print a JSON object per line: time (UTC), source, bytes, text (null if it is not plain \
            text), and then, or with --hex, hex.
            """)
    var json = false

    func validate() throws {
        guard count ?? 1 > 0 else { throw ValidationError("--count is 1 or more") }
        let isGroup = try place.address(mayBeGroup: true).isMulticast
        guard interface == nil || isGroup else {
            throw ValidationError("--interface goes with a multicast group at --bind")
        }
        _ = try interfaceIndex()
    }

    /// Returns the index of the interface, 0 for the kernel's choice.
    private func interfaceIndex() throws(ValidationError) -> UInt32 {
        guard let interface else { return try place.address(mayBeGroup: true).scope }
        let index = if_nametoindex(interface)
        guard index > 0 else {
            throw ValidationError(
                "this host has no interface \"\(TerminalText.harmless(interface))\": see `ip link`")
        }
        return index
    }

    func run() async throws {
        let interruption = Interruption()
        let address = try place.address(mayBeGroup: true)
        let interface = try interfaceIndex()
        let encoding = try encoding.open()
        do {
            try interruption.install()
            var kernel = try LinuxResponderKernel.open(
                at: address, receiveBufferAsked: LinuxKernel.bufferBytesAsked)
            if address.isMulticast { try kernel.join(on: interface) }
            Console.say("listening on \(BindAddress.note(kernel.address)); Ctrl-C ends it")
            var received = 0
            var errors = ReceiveErrors()
            defer {
                Console.clearInterrupt()
                Console.say(
                    "received \(UnitText.count(received)), "
                        + "dropped by a full buffer \(ReceiveText.count(kernel.drops()))"
                        + ReceiveText.errors(errors.byName))
            }
            try listen(&kernel, interruption, encoding, &received, &errors)
        } catch {
            Console.say("udplab: \(error)")
            throw ExitCode(ExitStatus.inconclusive.rawValue)
        }
    }

    private func listen(
        _ kernel: inout LinuxResponderKernel, _ interruption: Interruption,
        _ encoding: TextEncoding?, _ received: inout Int, _ errors: inout ReceiveErrors
    ) throws(HostFault) {
        let batch = ReceiveBatch(
            slots: 1, slotBytes: ProbeLayout.maximumBytes + 1, withAddresses: true,
            withControl: false)
        while !interruption.isRequested, received < count ?? .max {
            guard try kernel.receive(batch, counting: &errors) > 0, let source = batch.source(0)
            else { continue }
            received += 1
            let octets = UnsafeRawBufferPointer(start: batch.slot(0), count: batch.length(0))
            Console.result(
                json ? object(source, octets, encoding) : line(source, octets, encoding))
        }
    }

    private func line(
        _ source: SocketAddress, _ octets: UnsafeRawBufferPointer, _ encoding: TextEncoding?
    ) -> String {
        "\(clock.now)  \(source)  \(UnitText.count(octets.count)) B  "
            + DatagramText.shown(octets, isHex: hex, in: encoding) + "\n"
    }

    private func object(
        _ source: SocketAddress, _ octets: UnsafeRawBufferPointer, _ encoding: TextEncoding?
    ) -> String {
        let text =
            if let encoding {
                encoding.plainInJSON(octets)
            } else {
                TerminalText.isPlainInJSON(octets) ? String(decoding: octets, as: UTF8.self) : nil
            }
        var members = [
            JSONMember(key: "time", value: .string(UTCTime.now().description)),
            JSONMember(key: "source", value: .string(source.description)),
            JSONMember(key: "bytes", value: .integer(octets.count)),
            JSONMember(key: "text", value: text.map { .string($0) } ?? .null),
        ]
        if hex || text == nil {
            members.append(
                JSONMember(key: "hex", value: .string(TerminalText.hexadecimal(octets))))
        }
        do throws(JSONError) {
            return try JSONValue.object(members).text() + "\n"
        } catch {
            Console.say("udplab: \(error)")
            return ""
        }
    }
}
