import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Apache Kafka's own producer. Standard input: a line "topic compression end transaction" (end: plain, commit, abort, or open, which leaves the
 * transaction of that name for a later batch to go on with), then values in hexadecimal, one a line, all for partition 0, then an empty
 * line; and so on. Says "done" after each. Argument: the brokers.
 */
public class Produce {
    private static final Map<String, KafkaProducer<byte[], byte[]>> open = new HashMap<>();

    public static void main(String[] args) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        for (String head = in.readLine(); head != null; head = in.readLine()) {
            String[] words = head.split(" ");
            send(args[0], words, in);
            System.out.println("done");
        }
    }

    private static void send(String brokers, String[] words, BufferedReader in) throws Exception {
        boolean plain = words[2].equals("plain");
        KafkaProducer<byte[], byte[]> producer = open.remove(words[3]);
        if (producer == null) producer = begin(brokers, words[1], plain);
        for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
            producer.send(new ProducerRecord<>(words[0], 0, null, HexFormat.of().parseHex(line)));
        }
        producer.flush();
        if (words[2].equals("commit")) producer.commitTransaction();
        if (words[2].equals("abort")) producer.abortTransaction();
        if (words[2].equals("open")) open.put(words[3], producer);
        else producer.close();
    }

    private static KafkaProducer<byte[], byte[]> begin(String brokers, String compression, boolean plain) {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", brokers);
        settings.put("compression.type", compression);
        // So that a batch is full before it is sent: many records, and several blocks of whatever compresses them.
        settings.put("linger.ms", "2000");
        settings.put("batch.size", "700000");
        if (!plain) settings.put("transactional.id", UUID.randomUUID().toString());
        KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
        if (!plain) producer.initTransactions();
        if (!plain) producer.beginTransaction();
        return producer;
    }
}
