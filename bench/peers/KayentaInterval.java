import com.netflix.kayenta.mannwhitney.MannWhitney;
import com.netflix.kayenta.mannwhitney.MannWhitneyResult;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/**
 * Times the interval that Kayenta's judge computes for every metric. Reads two lines of numbers (experiment, control), and
 * for every further line that number of repetitions; answers each with the fastest in milliseconds and the interval:
 * `milliseconds lower upper estimate`.
 */
public class KayentaInterval {
  public static void main(String[] args) throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    double[] experiment = numbers(in.readLine());
    double[] control = numbers(in.readLine());
    MannWhitney test = new MannWhitney();
    ThreadMXBean thread = ManagementFactory.getThreadMXBean(); // processor time of this thread, as on the other side
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      long fastest = Long.MAX_VALUE;
      MannWhitneyResult result = null;
      for (int i = Integer.parseInt(line.trim()); i > 0; i--) {
        long begun = thread.getCurrentThreadCpuTime();
        result = test.mannWhitneyUTest(experiment, control, 0.98, 0.0);
        fastest = Math.min(fastest, thread.getCurrentThreadCpuTime() - begun);
      }
      double[] interval = result.confidenceInterval();
      System.out.println(fastest / 1e6 + " " + interval[0] + " " + interval[1] + " " + result.estimate());
    }
  }

  private static double[] numbers(String line) {
    String[] words = line.trim().split(" ");
    double[] numbers = new double[words.length];
    for (int i = 0; i < words.length; i++) numbers[i] = Double.parseDouble(words[i]);
    return numbers;
  }
}
