#include "04-images/manifest.hpp"

#include <nlohmann/json.hpp>

#include "04-images/blob_references.hpp"
#include "04-images/content_store.hpp"
#include "04-images/media_type.hpp"
#include "common/error.hpp"

namespace slipway {

namespace {

[[noreturn]] void unsupported(std::string_view message, std::string advice) {
    throw Error(ErrorKind::Unsupported, message).advise(std::move(advice));
}

/// A form of document: its types, and the fields that only others have.
struct Form {
    const char* name;
    bool (*has_type)(std::string_view);
    std::string_view usual_type;
    std::vector<const char*> foreign_fields;  // lower case
};

const Form& manifest_form() {
    static const Form form{"manifest",
                           is_manifest_type,
                           oci_manifest_type,
                           {"manifests", "fslayers"}};
    return form;
}

const Form& index_form() {
    static const Form form{"index",
                           is_index_type,
                           oci_index_type,
                           {"layers", "config", "fslayers"}};
    return form;
}

void check_schema(const DocumentField& document, const Form& form) {
    auto version = document.at("schemaVersion").number(UINT32_MAX);
    if (version == 1)
        unsupported(cat(form.name, ": schema 1, which Docker left in 2016"),
                    "pull it with an old Docker and push it again");
    if (version != 2)
        document.refuse(cat("schemaVersion is ", version, ", not 2"));
}

//@ begin not-both
// A document that is a manifest to one program and an index to another one is
// two images under one digest (CVE-2021-41190). Other spellings count: Go
// takes "Manifests" for "manifests".
void check_not_both(const DocumentField& document, const Form& form) {
    for (const char* field : form.foreign_fields)
        if (document.mentions(field))
            document.refuse(cat("it has a field ", quote(field), ", which no ",
                                form.name, " has"));
}
//@ end not-both

/// The type of the document: what it says, what is expected, or the usual one.
std::string check_type(const DocumentField& document, const Form& form,
                       std::string_view expected) {
    auto field = document.find("mediaType");
    std::string type = field ? field->text() : std::string(expected);
    if (type.empty()) type = form.usual_type;
    if (field && !expected.empty() && type != expected)
        field->refuse(cat("it says ", quote(type.substr(0, 100)), ", but is ",
                          "stored or served as ", quote(expected)));
    if (!form.has_type(type))
        unsupported(cat(form.name, ": media type ", quote(type.substr(0, 100)),
                        " is not known"),
                    "images are OCI's or Docker's, schema 2");
    return type;
}

DocumentField open_document(std::string_view bytes, const Form& form) {
    DocumentField document =
        parse_document(bytes, form.name, largest_manifest, image_fault);
    check_not_both(document, form);
    check_schema(document, form);
    return document;
}

/// The fields that both forms have.
template <class Document>
void read_rest(const DocumentField& document, Document& result) {
    if (auto annotations = document.find("annotations"))
        result.annotations = annotations->text_map();
    if (auto subject = document.find("subject"))
        result.subject = read_descriptor(*subject);
    if (auto type = document.find("artifactType"))
        result.artifact_type = type->text();
}

std::vector<Descriptor> read_list(const DocumentField& document,
                                  const std::string& key, std::size_t most) {
    std::vector<Descriptor> list;
    if (!document.mentions(key)) document.refuse(cat(key, " is missing"));
    if (auto field = document.find(key))
        for (const DocumentField& item : field->items(most))
            list.push_back(read_descriptor(item));
    return list;
}

void check_layer(const Descriptor& layer) {
    (void)layer_compression(layer.media_type);
    if (is_foreign_layer(layer.media_type) && !layer.urls.empty())
        unsupported("a foreign layer, to be fetched from a URL in the image",
                    "such layers are not fetched; they belong to Windows");
}

void check_image(const Manifest& manifest) {
    if (!is_config_type(manifest.config.media_type))
        unsupported(cat("manifest: config: ", quote(manifest.config.media_type),
                        " is not known"),
                    "it is no container image, but something else that is "
                    "kept in a registry: a chart, a signature, a file");
    std::size_t number = 0;
    for (const Descriptor& layer : manifest.layers)
        with_context(cat("manifest: layers[", number++, "]"),
                     [&] { check_layer(layer); });
}

template <class Document>
void add_rest(nlohmann::ordered_json& object, const Document& document) {
    if (document.subject)
        object["subject"] = descriptor_json(*document.subject);
    if (!document.annotations.empty())
        object["annotations"] = document.annotations;
}

template <class Document>
nlohmann::ordered_json begin_document(const Document& document) {
    nlohmann::ordered_json object;
    object["schemaVersion"] = 2;
    object["mediaType"] = document.media_type;
    if (!document.artifact_type.empty())
        object["artifactType"] = document.artifact_type;
    return object;
}

nlohmann::ordered_json list_json(const std::vector<Descriptor>& list) {
    auto array = nlohmann::ordered_json::array();
    for (const Descriptor& descriptor : list)
        array.push_back(descriptor_json(descriptor));
    return array;
}

std::string dump(const nlohmann::ordered_json& object) {
    return object.dump(-1, ' ', false,
                       nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace

Manifest parse_artifact(std::string_view bytes, std::string_view media_type) {
    const Form& form = manifest_form();
    DocumentField document = open_document(bytes, form);
    std::string type = check_type(document, form, media_type);
    Manifest manifest{std::move(type), read_descriptor(document.at("config")),
                      read_list(document, "layers", most_layers)};
    if (manifest.config.size > largest_config)
        document.at("config").refuse("the config is larger than 8 MiB");
    read_rest(document, manifest);
    return manifest;
}

Manifest parse_manifest(std::string_view bytes, std::string_view media_type) {
    Manifest manifest = parse_artifact(bytes, media_type);
    check_image(manifest);
    return manifest;
}

Index parse_index(std::string_view bytes, std::string_view media_type) {
    const Form& form = index_form();
    DocumentField document = open_document(bytes, form);
    std::string type = check_type(document, form, media_type);
    Index index{std::move(type),
                read_list(document, "manifests", most_index_entries)};
    read_rest(document, index);
    return index;
}

std::string manifest_text(const Manifest& manifest) {
    nlohmann::ordered_json object = begin_document(manifest);
    object["config"] = descriptor_json(manifest.config);
    object["layers"] = list_json(manifest.layers);
    add_rest(object, manifest);
    return dump(object);
}

std::string index_text(const Index& index) {
    nlohmann::ordered_json object = begin_document(index);
    object["manifests"] = list_json(index.manifests);
    add_rest(object, index);
    return dump(object);
}

}  // namespace slipway
