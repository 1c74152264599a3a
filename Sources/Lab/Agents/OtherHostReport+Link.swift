import Reports

extension OtherHostReport {
    /// Returns the report of a host at the end of a plan.
    init(_ link: AgentLink) {
        let (hello, exchanges) = (link.hello, link.exchanges)
        let offset = exchanges.lastNs.flatMap { exchanges.offset(atNs: $0) }
        let stated = StatedOffset.checked(
            link.stated, against: offset.map { [$0] } ?? [], named: link.name)
        self.init(
            name: link.name, launch: link.definition.launch, hostname: hello?.host,
            version: hello?.version, build: hello?.build, kernel: hello?.kernel,
            cpus: hello?.cpus, rmemMax: hello?.rmemMax, addresses: hello?.addresses ?? [],
            wallClockErrorNs: hello?.wallClockErrorNs.map { Int($0) },
            clock: OtherHostReport.Clock(
                exchanges: exchanges.count,
                roundTripMinNs: exchanges.roundTripMinNs.map { Int($0) },
                offsetNs: offset.map { Int($0.offsetNs) },
                errorNs: offset.map { Int($0.errorNs) }, driftPpm: exchanges.driftPpm,
                isConsistent: exchanges.isConsistent,
                statedErrorNs: stated.stated.map { Int($0.errorNs) },
                statedBy: stated.stated?.source.rawValue, statedRefusal: stated.refusal),
            lost: link.loss?.sentence)
    }
}
