// The data channel of a Godot without WebRTC, as far as a script cannot be one: Godot hands a channel its packets as
// pointers. Class PacketPipe: what Godot sends waits until the script takes it, and what the script gives waits for Godot.
//
// Written against the header that the Godot it runs in writes (--dump-gdextension-interface).
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "gdextension_interface.h"

typedef struct Packet {
    struct Packet *next;
    int32_t size;
    uint8_t bytes[];
} Packet;

typedef struct {
    Packet *first, *last;
    int64_t count;
} Queue;

typedef struct {
    Queue sent, received;
    Packet *lent;  // What Godot was given last, which is its own until it asks again.
} Pipe;

// A StringName or String is one pointer, a PackedByteArray two.
typedef struct { void *opaque; } Name;
typedef struct { void *opaque[2]; } Bytes;

static GDExtensionClassLibraryPtr library;
static GDExtensionInterfaceStringNameNewWithLatin1Chars make_name;
static GDExtensionInterfaceStringNewWithLatin1Chars make_string;
static GDExtensionInterfaceClassdbConstructObject2 construct;
static GDExtensionInterfaceObjectSetInstance set_instance;
static GDExtensionInterfacePackedByteArrayOperatorIndexConst byte_at;
static GDExtensionInterfacePackedByteArrayOperatorIndex place_of_byte;
static GDExtensionPtrBuiltInMethod size_of, resize;
static GDExtensionPtrConstructor make_bytes;
static GDExtensionPtrDestructor destroy_bytes;
static GDExtensionTypeFromVariantConstructorFunc bytes_from_variant;
static GDExtensionVariantFromTypeConstructorFunc variant_from_bytes, variant_from_int;
static Name class_name, parent_name;

static void append(Queue *queue, const uint8_t *bytes, int32_t size) {
    Packet *packet = malloc(sizeof(Packet) + size);
    packet->next = NULL;
    packet->size = size;
    if (size > 0) memcpy(packet->bytes, bytes, size);
    if (queue->last) queue->last->next = packet;
    else queue->first = packet;
    queue->last = packet;
    queue->count += 1;
}

static Packet *take(Queue *queue) {
    Packet *packet = queue->first;
    if (!packet) return NULL;
    queue->first = packet->next;
    if (!queue->first) queue->last = NULL;
    queue->count -= 1;
    return packet;
}

// What Godot calls.

enum { unavailable = 2 };  // Error.ERR_UNAVAILABLE

static void get_packet(Pipe *pipe, const GDExtensionConstTypePtr *arguments, GDExtensionTypePtr result) {
    free(pipe->lent);
    pipe->lent = take(&pipe->received);
    if (pipe->lent) {
        **(const uint8_t ***)arguments[0] = pipe->lent->bytes;
        **(int32_t **)arguments[1] = pipe->lent->size;
    }
    *(int64_t *)result = pipe->lent ? 0 : unavailable;
}

static void put_packet(Pipe *pipe, const GDExtensionConstTypePtr *arguments, GDExtensionTypePtr result) {
    append(&pipe->sent, *(const uint8_t *const *)arguments[0], (int32_t)*(const int64_t *)arguments[1]);
    *(int64_t *)result = 0;
}

static void count_packets(Pipe *pipe, const GDExtensionConstTypePtr *arguments, GDExtensionTypePtr result) {
    (void)arguments;
    *(int64_t *)result = pipe->received.count;
}

typedef void (*Virtual)(Pipe *, const GDExtensionConstTypePtr *, GDExtensionTypePtr);
static struct { const char *spelled; Virtual call; Name name; } virtuals[] = {
    {"_get_packet", get_packet, {NULL}},
    {"_put_packet", put_packet, {NULL}},
    {"_get_available_packet_count", count_packets, {NULL}},
};
enum { virtual_count = sizeof virtuals / sizeof *virtuals };

static void *virtual_named(void *class, GDExtensionConstStringNamePtr name, uint32_t hash) {
    (void)class;
    (void)hash;
    // Two equal StringNames are one pointer.
    for (int at = 0; at < virtual_count; at += 1) {
        if (memcmp(name, &virtuals[at].name, sizeof(Name)) == 0) return &virtuals[at];
    }
    return NULL;
}

static void call_virtual(
    GDExtensionClassInstancePtr instance, GDExtensionConstStringNamePtr name, void *virtual,
    const GDExtensionConstTypePtr *arguments, GDExtensionTypePtr result) {
    (void)name;
    for (int at = 0; at < virtual_count; at += 1) {
        if (virtual == &virtuals[at]) virtuals[at].call(instance, arguments, result);
    }
}

// What the script calls: give(bytes), take_sent() -> bytes, count_sent() -> int.

static void give(Pipe *pipe, const Bytes *bytes) {
    int64_t size = 0;
    size_of((GDExtensionTypePtr)bytes, NULL, &size, 0);
    append(&pipe->received, size > 0 ? byte_at(bytes, 0) : NULL, (int32_t)size);
}

static void take_sent(Pipe *pipe, Bytes *bytes) {
    Packet *packet = take(&pipe->sent);
    int64_t size = packet ? packet->size : 0, failure = 0;
    GDExtensionConstTypePtr arguments[] = {&size};
    resize(bytes, arguments, &failure, 1);
    if (size > 0) memcpy(place_of_byte(bytes, 0), packet->bytes, size);
    free(packet);
}

static void call_give(
    void *data, GDExtensionClassInstancePtr instance, const GDExtensionConstVariantPtr *arguments,
    GDExtensionInt count, GDExtensionVariantPtr result, GDExtensionCallError *error) {
    (void)data;
    (void)count;
    (void)result;
    (void)error;
    Bytes bytes;
    bytes_from_variant(&bytes, (GDExtensionVariantPtr)arguments[0]);
    give(instance, &bytes);
    destroy_bytes(&bytes);
}

static void give_directly(
    void *data, GDExtensionClassInstancePtr instance, const GDExtensionConstTypePtr *arguments,
    GDExtensionTypePtr result) {
    (void)data;
    (void)result;
    give(instance, arguments[0]);
}

static void call_take(
    void *data, GDExtensionClassInstancePtr instance, const GDExtensionConstVariantPtr *arguments,
    GDExtensionInt count, GDExtensionVariantPtr result, GDExtensionCallError *error) {
    (void)data;
    (void)arguments;
    (void)count;
    (void)error;
    Bytes bytes;
    make_bytes(&bytes, NULL);
    take_sent(instance, &bytes);
    variant_from_bytes(result, &bytes);
    destroy_bytes(&bytes);
}

static void take_directly(
    void *data, GDExtensionClassInstancePtr instance, const GDExtensionConstTypePtr *arguments,
    GDExtensionTypePtr result) {
    (void)data;
    (void)arguments;
    take_sent(instance, result);
}

static void call_count(
    void *data, GDExtensionClassInstancePtr instance, const GDExtensionConstVariantPtr *arguments,
    GDExtensionInt count, GDExtensionVariantPtr result, GDExtensionCallError *error) {
    (void)data;
    (void)arguments;
    (void)count;
    (void)error;
    variant_from_int(result, &((Pipe *)instance)->sent.count);
}

static void count_directly(
    void *data, GDExtensionClassInstancePtr instance, const GDExtensionConstTypePtr *arguments,
    GDExtensionTypePtr result) {
    (void)data;
    (void)arguments;
    *(int64_t *)result = ((Pipe *)instance)->sent.count;
}

// The class.

static GDExtensionObjectPtr create(void *class, GDExtensionBool notify) {
    (void)class;
    (void)notify;
    GDExtensionObjectPtr object = construct(&parent_name);
    set_instance(object, &class_name, calloc(1, sizeof(Pipe)));
    return object;
}

static void destroy(void *class, GDExtensionClassInstancePtr instance) {
    (void)class;
    Pipe *pipe = instance;
    for (Packet *packet; (packet = take(&pipe->sent));) free(packet);
    for (Packet *packet; (packet = take(&pipe->received));) free(packet);
    free(pipe->lent);
    free(pipe);
}

static void add_method(
    GDExtensionInterfaceClassdbRegisterExtensionClassMethod add, const char *spelled, GDExtensionVariantType argument,
    GDExtensionVariantType result, GDExtensionClassMethodCall call, GDExtensionClassMethodPtrCall directly) {
    Name name, no_name, no_class;
    Name no_hint;
    make_name(&name, spelled, true);
    make_name(&no_name, "bytes", true);
    make_name(&no_class, "", true);
    make_string(&no_hint, "");
    enum { usage_default = 6 };
    GDExtensionPropertyInfo taken = {argument, &no_name, &no_class, 0, &no_hint, usage_default};
    GDExtensionPropertyInfo given = {result, &no_name, &no_class, 0, &no_hint, usage_default};
    GDExtensionClassMethodArgumentMetadata metadata = GDEXTENSION_METHOD_ARGUMENT_METADATA_NONE;
    GDExtensionClassMethodInfo method = {
        .name = &name,
        .call_func = call,
        .ptrcall_func = directly,
        .method_flags = GDEXTENSION_METHOD_FLAGS_DEFAULT,
        .has_return_value = result != GDEXTENSION_VARIANT_TYPE_NIL,
        .return_value_info = &given,
        .argument_count = argument != GDEXTENSION_VARIANT_TYPE_NIL,
        .arguments_info = &taken,
        .arguments_metadata = &metadata,
    };
    add(library, &class_name, &method);
}

static GDExtensionInterfaceGetProcAddress address_of;

static void initialize(void *data, GDExtensionInitializationLevel level) {
    (void)data;
    if (level != GDEXTENSION_INITIALIZATION_SCENE) return;
    make_name(&class_name, "PacketPipe", true);
    make_name(&parent_name, "WebRTCDataChannelExtension", true);
    for (int at = 0; at < virtual_count; at += 1) make_name(&virtuals[at].name, virtuals[at].spelled, true);

    GDExtensionClassCreationInfo4 info = {
        .is_exposed = true,
        .create_instance_func = create,
        .free_instance_func = destroy,
        .get_virtual_call_data_func = virtual_named,
        .call_virtual_with_data_func = call_virtual,
    };
    ((GDExtensionInterfaceClassdbRegisterExtensionClass4)address_of("classdb_register_extension_class4"))(
        library, &class_name, &parent_name, &info);

    GDExtensionInterfaceClassdbRegisterExtensionClassMethod add =
        (GDExtensionInterfaceClassdbRegisterExtensionClassMethod)address_of("classdb_register_extension_class_method");
    const GDExtensionVariantType none = GDEXTENSION_VARIANT_TYPE_NIL, bytes = GDEXTENSION_VARIANT_TYPE_PACKED_BYTE_ARRAY;
    add_method(add, "give", bytes, none, call_give, give_directly);
    add_method(add, "take_sent", none, bytes, call_take, take_directly);
    add_method(add, "count_sent", none, GDEXTENSION_VARIANT_TYPE_INT, call_count, count_directly);
}

static void deinitialize(void *data, GDExtensionInitializationLevel level) {
    (void)data;
    if (level != GDEXTENSION_INITIALIZATION_SCENE) return;
    ((GDExtensionInterfaceClassdbUnregisterExtensionClass)address_of("classdb_unregister_extension_class"))(
        library, &class_name);
}

static GDExtensionPtrBuiltInMethod method_of_bytes(const char *spelled, GDExtensionInt hash) {
    Name name;
    make_name(&name, spelled, true);
    return ((GDExtensionInterfaceVariantGetPtrBuiltinMethod)address_of("variant_get_ptr_builtin_method"))(
        GDEXTENSION_VARIANT_TYPE_PACKED_BYTE_ARRAY, &name, hash);
}

GDExtensionBool packet_pipe_main(
    GDExtensionInterfaceGetProcAddress get_proc_address, GDExtensionClassLibraryPtr own,
    GDExtensionInitialization *initialization) {
    address_of = get_proc_address;
    library = own;
    const GDExtensionVariantType bytes = GDEXTENSION_VARIANT_TYPE_PACKED_BYTE_ARRAY;
    make_name = (GDExtensionInterfaceStringNameNewWithLatin1Chars)address_of("string_name_new_with_latin1_chars");
    make_string = (GDExtensionInterfaceStringNewWithLatin1Chars)address_of("string_new_with_latin1_chars");
    construct = (GDExtensionInterfaceClassdbConstructObject2)address_of("classdb_construct_object2");
    set_instance = (GDExtensionInterfaceObjectSetInstance)address_of("object_set_instance");
    byte_at = (GDExtensionInterfacePackedByteArrayOperatorIndexConst)address_of(
        "packed_byte_array_operator_index_const");
    place_of_byte =
        (GDExtensionInterfacePackedByteArrayOperatorIndex)address_of("packed_byte_array_operator_index");
    // The numbers are the methods' signatures, as extension_api.json has them.
    size_of = method_of_bytes("size", 3173160232);
    resize = method_of_bytes("resize", 848867239);
    make_bytes = ((GDExtensionInterfaceVariantGetPtrConstructor)address_of("variant_get_ptr_constructor"))(bytes, 0);
    destroy_bytes = ((GDExtensionInterfaceVariantGetPtrDestructor)address_of("variant_get_ptr_destructor"))(bytes);
    bytes_from_variant =
        ((GDExtensionInterfaceGetVariantToTypeConstructor)address_of("get_variant_to_type_constructor"))(bytes);
    GDExtensionInterfaceGetVariantFromTypeConstructor from =
        (GDExtensionInterfaceGetVariantFromTypeConstructor)address_of("get_variant_from_type_constructor");
    variant_from_bytes = from(bytes);
    variant_from_int = from(GDEXTENSION_VARIANT_TYPE_INT);
    initialization->minimum_initialization_level = GDEXTENSION_INITIALIZATION_SCENE;
    initialization->initialize = initialize;
    initialization->deinitialize = deinitialize;
    return size_of && resize && make_bytes;
}
