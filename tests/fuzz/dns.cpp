// DNS queries, which whoever runs in a container sends, and the files of leases
// and ports.
#include <cstdint>
#include <string>
#include <string_view>

#include "06-engine/network/dns_message.hpp"
#include "06-engine/network/leases.hpp"
#include "06-engine/network/port_records.hpp"
#include "06-engine/network/resolver_config.hpp"
#include "tests/fuzz/input.hpp"

using namespace slipway;

namespace {

void try_query(std::string_view query) {
    auto question = parse_dns_query(query);
    if (!question) return;
    must(question->end <= query.size());
    must(question->name.size() <= 255);
    std::string data(4, 'x');
    std::string answer = dns_answer(query, *question, {{DnsType::A, data}}, 5);
    must(answer.size() == question->end + 16);
    must(answers_question(answer, query, *question));
    // What we say is no question to us.
    must(!parse_dns_query(answer));
    (void)reverse_address(question->name);
    (void)answers_question(query, query, *question);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
    std::string_view bytes(reinterpret_cast<const char*>(data), size);
    try_query(bytes);
    // So that most inputs get past the header.
    try_query(std::string("\1\2\1\0\0\1\0\0\0\0\0\0", 12) + std::string(bytes));
    NetworkLeases leases = parse_leases(bytes);
    must(parse_leases(leases_text(leases)).endpoints.size() ==
         leases.endpoints.size());
    PortRecord record = parse_port_record(bytes);
    must(parse_port_record(port_record_text(record)).rules == record.rules);
    ResolverConfig config = parse_resolver_config(bytes);
    must(parse_resolver_config(resolver_config_text(config)) == config);
    return 0;
}
