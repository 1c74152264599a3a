import Datagrams
import Plans

/// The error in the words of a command line, as a sentence.
package struct ResilienceRequestError: Error, Sendable, CustomStringConvertible {
    package let description: String
}

/// A battery as given on a command line, checked but not started.
package struct ResilienceRequest: Sendable {
    private static let outputLines = ServerUnderTest.outputLinesKept
    private static let longestNs = 3_600_000_000_000

    package let options: ResilienceOptions
    private let command: ResponderDefinition.Command?
    private let address: TargetAddress
    private let consent: Bool

    package init(
        command: String?, address: String, consent: Bool, profile: ResilienceProfile,
        only: [String], seed: Int, soak: String, storm: String, readyTimeout: String,
        request: String? = nil, answer: String? = nil, valid: String? = nil
    ) throws(ResilienceRequestError) {
        self.consent = consent
        do {
            self.address = try TargetAddress(address, ports: (command == nil ? 1 : 0)...65_535)
        } catch {
            throw ResilienceRequestError(description: "--address: \(error.message)")
        }
        var options = ResilienceOptions()
        options.profile = profile
        options.only = only
        options.seed = seed
        options.soakNs = Int64(try Self.time(soak, "--soak"))
        options.stormNs = Int64(try Self.time(storm, "--storm"))
        options.readyTimeoutNs = try Self.time(readyTimeout, "--ready-timeout")
        if let request {
            do throws(PlanError) {
                options.request = try RequestOption.read(
                    request: request, answer: answer, valid: valid)
            } catch {
                throw ResilienceRequestError(description: error.description)
            }
        } else if answer != nil || valid != nil {
            throw ResilienceRequestError(
                description: "--answer and --valid go with --request: without one the server is "
                    + "asked as an echo server")
        }
        self.options = options
        let known = TrialCatalog.entries.map(\.id)
        if let name = only.first(where: { !known.contains($0) }) {
            throw ResilienceRequestError(
                description: "--only: no trial is called \"\(name)\"; udplab resilience --list "
                    + "names them all")
        }
        self.command = try command.map { text throws(ResilienceRequestError) in
            let words = try CommandWords.split(text)
            return ResponderDefinition.Command(
                words: words, readyTimeoutNs: options.readyTimeoutNs,
                outputLines: Self.outputLines)
        }
    }

    private static func time(
        _ text: String, _ name: String
    ) throws(ResilienceRequestError) -> Int {
        let ns: Int
        do {
            ns = try DurationText.nanoseconds(text)
        } catch {
            throw ResilienceRequestError(description: "\(name): \(error.message)")
        }
        guard (1...longestNs).contains(ns) else {
            throw ResilienceRequestError(
                description: "\(name): \(text) is out of range (legal: more than 0, up to 1h)")
        }
        return ns
    }

    /// The server, its address resolved.
    ///
    /// - Throws: If the name does not resolve, the address is unusable, the address is outside this
    ///   host without its owner's consent, or a command is to answer elsewhere.
    package func target() throws(StartError) -> ResilienceTarget {
        guard let command else {
            return ResilienceTarget(
                command: nil,
                address: try RunTarget.resolve(
                    address, consent: consent, subject: "--address", way: "--consent"))
        }
        let place = try RunTarget.local(address, pickingPort: true)
        guard HostAddresses.contains(place) else {
            throw StartError(
                "--address: \(place) is no address of this host, and --command "
                    + "starts the server here")
        }
        return ResilienceTarget(
            command: command.words(host: place.host, port: place.port), address: place)
    }
}
