// ps, port: what runs, and what did.
#include <algorithm>
#include <ctime>
#include <memory>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "04-images/image_store.hpp"
#include "06-engine/cli/list_look.hpp"
#include "06-engine/cli/look_verbs.hpp"
#include "06-engine/engine/container_files.hpp"
#include "06-engine/engine/container_filters.hpp"
#include "06-engine/engine/container_view.hpp"
#include "06-engine/engine/containers.hpp"
#include "common/error.hpp"
#include "common/numbers.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

using nlohmann::ordered_json;

struct PsOptions {
    ListLook look;
    Filters filters = container_filters();
    bool all = false, latest = false, size = false;
    long last = -1;  ///< -n; negative: all of them
};

void declare_ps(CommandLine& line, PsOptions& options) {
    line.flag("-a,--all", "those that do not run, too", options.all);
    declare_filters(line, options.filters);
    declare_list_look(line, options.look, "container IDs");
    line.value("-n,--last", "N", "the N newest, whether or not they run",
               [&](auto& text) {
                   auto number = parse_unsigned(text, 1'000'000);
                   if (!number && text != "-1")
                       throw Error(ErrorKind::InvalidArgument,
                                   cat("--last ", quote(text)))
                           .advise("a whole number");
                   options.last = number ? static_cast<long>(*number) : -1;
               });
    line.flag("-l,--latest", "the same as -n 1", options.latest);
    declare_no_trunc(line, options.look);
    line.flag("-s,--size", "what their files take on the disk", options.size);
}

bool runs(const KnownContainer& container) {
    const std::string& status = container.status.status;
    return status == "running" || status == "paused" || status == "restarting";
}

// Images that the filter "ancestor" names; what is no image here is a name that
// containers may have been made by.
std::vector<AncestorImage> ancestors_of(const Engine& engine,
                                        const Filters& filters) {
    std::vector<AncestorImage> ancestors;
    if (filters.values("ancestor").empty()) return ancestors;
    ImageStore store(engine.root);
    for (const std::string& name : filters.values("ancestor")) try {
            StoredImage image = find_stored_image(store.content, name);
            ancestors.push_back({image.id().text(), image.config.diff_ids});
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::NotFound) throw;
        }
    return ancestors;
}

std::optional<std::string> created_of(const Engine& engine,
                                      const Filters& filters,
                                      const std::string& key) {
    if (filters.values(key).empty()) return {};
    std::string id = find_container(engine, filters.values(key).back());
    return read_container(engine, id).created;
}

std::vector<KnownContainer> chosen(const Engine& engine,
                                   const PsOptions& options) {
    const Filters& filters = options.filters;
    check_container_filters(filters);
    auto since = created_of(engine, filters, "since"),
         before = created_of(engine, filters, "before");
    std::vector<AncestorImage> ancestors = ancestors_of(engine, filters);
    bool all = options.all || options.last >= 0 || options.latest ||
               !filters.values("status").empty() ||
               !filters.values("exited").empty();
    std::vector<KnownContainer> containers =
        known_containers(engine, all ? Which::All : Which::Begun);
    std::erase_if(containers, [&](const KnownContainer& each) {
        return (!all && !runs(each)) ||
               !created_between(each.record, since, before) ||
               !is_wanted(filters, ancestors, each.record, each.status);
    });
    std::size_t most = options.latest ? 1
                       : options.last >= 0
                           ? static_cast<std::size_t>(options.last)
                           : containers.size();
    if (containers.size() > most) containers.resize(most);
    return containers;
}

void add_sizes(const Engine& engine, std::vector<KnownContainer>& containers) {
    ImageStore store(engine.root);
    for (KnownContainer& each : containers) {
        std::uint64_t below = 0;
        for (const Digest& layer : each.record.layers)
            below += store.snapshots.size(layer).value_or(0);
        each.status.size_writable = writable_size(engine, each.record.id);
        each.status.size_total = *each.status.size_writable + below;
    }
}

const std::vector<Column> columns = {
    {"ID", "CONTAINER ID"},    {"Image", "IMAGE"},   {"Command", "COMMAND"},
    {"RunningFor", "CREATED"}, {"Status", "STATUS"}, {"Ports", "PORTS"},
    {"Names", "NAMES"}};

int list_containers(const Engine& engine, const PsOptions& options) {
    std::vector<KnownContainer> containers = chosen(engine, options);
    const ListLook& look = options.look;
    std::vector<Column> shown = columns;
    if (options.size) shown.push_back({"Size", "SIZE"});
    if (options.size ||
        (!look.quiet && look.format.find(".Size") != std::string::npos))
        add_sizes(engine, containers);
    std::vector<ordered_json> rows;
    rows.reserve(containers.size());
    std::time_t now = std::time(nullptr);
    for (const KnownContainer& each : containers)
        rows.push_back(
            container_row(each.record, each.status, look.whole, now));
    print_rows(rows, shown, look);
    return 0;
}

// "80", "80/tcp": where it is bound.
std::vector<std::string> bound_to(const std::vector<PortBinding>& bound,
                                  const std::string& text) {
    std::size_t slash = std::min(text.find('/'), text.size());
    std::string protocol = slash < text.size() ? text.substr(slash + 1) : "tcp";
    auto number = parse_unsigned(text.substr(0, slash), UINT16_MAX);
    if (!number)
        throw Error(ErrorKind::InvalidArgument, cat(quote(text), " is no port"))
            .advise("write 80 or 80/udp");
    std::vector<std::string> lines;
    for (const PortBinding& port : bound)
        if (port.container_port == *number && port.protocol == protocol)
            lines.push_back(host_port_text(port));
    return lines;
}

int list_ports(const Engine& engine, const std::vector<std::string>& words) {
    if (words.empty() || words.size() > 2)
        throw Error(ErrorKind::InvalidArgument,
                    "write port CONTAINER [PORT[/PROTOCOL]]");
    std::string id = find_container(engine, words[0]);
    std::vector<PortBinding> bound =
        look_at_container(engine, id).status.bound_ports;
    std::vector<std::string> lines =
        words.size() == 1 ? port_lines(bound) : bound_to(bound, words[1]);
    if (words.size() == 2 && lines.empty())
        throw Error(ErrorKind::NotFound, cat("no public port '", words[1],
                                             "' published for ", words[0]))
            .exit_with(1);
    for (const std::string& line : lines) print_text(line + "\n");
    return 0;
}

}  // namespace

Verb ps_verb(const EngineSettings& settings) {
    auto options = std::make_shared<PsOptions>();
    return {"ps", "[OPTION...]", "List containers",
            [options](CommandLine& line) { declare_ps(line, *options); },
            [&settings, options](auto& words) {
                if (!words.empty())
                    throw Error(ErrorKind::InvalidArgument,
                                cat("ps takes no word: ", quote(words[0])))
                        .advise(cat("one container by name: ps --filter name=",
                                    words[0]));
                return list_containers(settings.open(), *options);
            }};
}

Verb port_verb(const EngineSettings& settings) {
    return {"port", "CONTAINER [PORT[/PROTOCOL]]",
            "List port mappings or a specific mapping for the container",
            [](CommandLine&) {},
            [&settings](auto& words) {
                return list_ports(settings.open(), words);
            }};
}

}  // namespace slipway
