#include "06-engine/engine/record.hpp"

#include "04-images/descriptor.hpp"
#include "06-engine/engine/record_fields.hpp"
#include "06-engine/engine/record_parts.hpp"
#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

using nlohmann::ordered_json;

// A seccomp profile may be a large part of it.
constexpr std::size_t largest_record = 16 << 20;
constexpr char broken_record[] =
    "the file was changed or the disk is damaged: rm --force takes the "
    "container away";

template <class Visitor, class Record>
void visit_config(Visitor& visit, Record& record) {
    visit("Hostname", record.hostname);
    visit("Domainname", record.domainname);
    visit("AttachStdin", record.attach_stdin);
    visit("AttachStdout", record.attach_stdout);
    visit("AttachStderr", record.attach_stderr);
    visit("Tty", record.tty);
    visit("OpenStdin", record.open_stdin);
    visit("StdinOnce", record.stdin_once);
    visit("Image", record.image);
    visit.or_nothing("StopTimeout", record.stop_timeout);
}

template <class Visitor, class Network>
void visit_network(Visitor& visit, Network& network) {
    visit("Network", network.network);
    visit("Aliases", network.aliases);
    visit.or_nothing("IPv4Address", network.ip);
    visit.or_nothing("IPv6Address", network.ip6);
    visit.or_nothing("MacAddress", network.mac);
    visit.or_nothing("DriverOpts", network.driver_options);
}

// Docker has no place for this in its answer, or a place that tells of now.
template <class Visitor, class Record>
void visit_own(Visitor& visit, Record& record) {
    visit("ImageManifest", record.image_manifest);
    visit.list("Networks", record.host.networks,
               [](auto& inner, auto& each) { visit_network(inner, each); });
}

// Docker shows these whether or not they say something.
void add_zeros(ordered_json& config) {
    for (const char* key : {"Env", "Cmd", "Volumes", "Entrypoint", "OnBuild"})
        if (!config.contains(key)) config[key] = nullptr;
    for (const char* key : {"User", "WorkingDir"})
        if (!config.contains(key)) config[key] = "";
    if (!config.contains("Labels")) config["Labels"] = ordered_json::object();
}

ordered_json config_json(const ContainerRecord& record) {
    ordered_json config = run_config_json(record.config);
    FieldWriter writer(config);
    visit_config(writer, record);
    add_zeros(config);
    return config;
}

ordered_json own_json(const ContainerRecord& record) {
    ordered_json own = ordered_json::object();
    FieldWriter writer(own);
    visit_own(writer, record);
    own["Layers"] = ordered_json::array();
    for (const Digest& layer : record.layers)
        own["Layers"].push_back(layer.text());
    return own;
}

ContainerRecord read_record(const DocumentField& document) {
    ContainerRecord record;
    record.id = document.at("Id").text();
    record.created = document.at("Created").text();
    record.name = document.at("Name").text();
    if (record.name.starts_with('/')) record.name.erase(0, 1);
    record.image_id = document.at("Image").text();
    DocumentField config = document.at("Config");
    record.config = read_run_config(config);
    FieldReader reader(config);
    visit_config(reader, record);
    record.host = read_host_config(document.at("HostConfig"));
    DocumentField own = document.at("Slipway");
    FieldReader own_reader(own);
    visit_own(own_reader, record);
    for (const DocumentField& layer : own.at("Layers").items(most_layers))
        record.layers.push_back(read_digest(layer));
    return record;
}

}  // namespace

ordered_json record_json(const ContainerRecord& record) {
    ordered_json object;
    object["Id"] = record.id;
    object["Created"] = record.created;
    object["Image"] = record.image_id;
    object["Name"] = cat("/", record.name);
    object["HostConfig"] = host_config_json(record.host);
    object["Config"] = config_json(record);
    object["Slipway"] = own_json(record);
    return object;
}

ContainerRecord parse_record(std::string_view text) {
    try {
        return read_record(parse_document(text, "container.json",
                                          largest_record, broken_record));
    } catch (const Error& error) {
        throw Error(ErrorKind::DataLoss, error.message()).advise(broken_record);
    }
}

}  // namespace slipway
