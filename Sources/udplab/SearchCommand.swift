import ArgumentParser

struct SearchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: "Search for the highest rate that a path carries.",
        discussion: """
            Examples:
              udplab search :capacity
              udplab search plan.json --only capacity/uplink
              udplab search plan.json --set scenarios.capacity.search.kind=threshold

            Runs the scenarios of the plan that have a "search", and no others. A line is printed \
            for each trial, then the rate found: in datagrams, and in bits of payload, IP packets \
            and frames. Exit code 75 if this host, and not the path, was the limit, or if the \
            search is unfinished.
            """)

    @OptionGroup
    var all: RunCommand

    func run() async throws { try await all.execute(onlySearches: true) }
}
